
:: --- Uninstalling --------------------------------------------------------------------------------

:uninstall
call :no_error
if "%LRP_PURGE%%LRP_YES%"=="10" if not "%LRP_DRY_RUN%"=="1" call :ask
if errorlevel 1 exit /b %errorlevel%
set "MSG=Would stop LlamaRunner Pro and remove it from the PATH and from %LRP_HOME%"
if "%LRP_DRY_RUN%"=="1" goto say
call :no_error
if defined CURRENT if not defined RAN call :stop_running
if errorlevel 1 exit /b %errorlevel%
:: For good.
call :forget_promise
set "MSG=Removing"
call :step
call :remove_from_path
call :remove_from_login
call :remove_from_menu
set "VICTIM=%LRP_HOME%\versions"
call :remove_folder
set "VICTIM=%LRP_HOME%\bin"
call :remove_folder
set "MSG=Some files are in use and could not be removed: %LRP_HOME%"
set "HINT=End the programs that use them, then uninstall again."
set "CODE=8"
if exist "%LRP_HOME%\versions\" goto die
del /q "%LRP_HOME%\current.txt" "%LRP_HOME%\previous.txt" "%LRP_HOME%\receipt.json" 2>nul
if "%LRP_PURGE%"=="1" call :purge
set "MSG=LlamaRunner Pro is uninstalled. Settings, history and models, where there are any, stay in %DATA%"
if "%LRP_PURGE%"=="1" set "MSG=LlamaRunner Pro is uninstalled. Models, where there are any, stay in %DATA%"
goto say

:: Exactly what the program writes there.
:purge
for %%n in (logs run backups bundles) do rmdir /s /q "%DATA%\%%n" 2>nul
del /q "%DATA%\config.json" "%DATA%\history.db*" 2>nul
rmdir "%DATA%" 2>nul
exit /b 0

:ask
set "ANSWER="
set /p "ANSWER=Delete settings, history and logs? Models stay. [y/N] "
if /i "%ANSWER%"=="y" exit /b 0
if /i "%ANSWER%"=="yes" exit /b 0
set "MSG=Nothing was changed. Without a question: --purge --yes"
set "HINT="
set "CODE=2"
goto die

:: The end, which the beginning looks for.
:whole
set "WHOLE=1"
