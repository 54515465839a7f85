
:: --- The PATH of this user, in the registry ----------------------------------------------------------

:: Never by setx: it cuts long values and mixes in the system's. Sets OLD_PATH.
:read_path
set "OLD_PATH="
for /f "usebackq skip=1 tokens=1,2*" %%a in (`"%SystemRoot%\System32\reg.exe" query %ENVIRONMENT% /v Path 2^>nul`) do (
  if /i "%%a"=="Path" set "OLD_PATH=%%c"
)
exit /b 0

:: Sets REST_PATH, the PATH without our folder, and IS_THERE when it was in it.
:without_us
set "IS_THERE="
set "REST_PATH="
set "REST=%OLD_PATH%"
:next_entry
if not defined REST exit /b 0
set "ENTRY="
for /f "tokens=1* delims=;" %%a in ("%REST%") do (
  set "ENTRY=%%a"
  set "REST=%%b"
)
if not defined ENTRY exit /b 0
if /i "%ENTRY%"=="%BIN%" (
  set "IS_THERE=1"
  goto next_entry
)
if defined REST_PATH set "REST_PATH=%REST_PATH%;%ENTRY%"
if not defined REST_PATH set "REST_PATH=%ENTRY%"
goto next_entry

:: Uses NEW_PATH; what was there before is kept under another name.
:write_path
if defined OLD_PATH "%SystemRoot%\System32\reg.exe" add %ENVIRONMENT% /v %PATH_BACKUP% /t REG_EXPAND_SZ /d "%OLD_PATH%" /f >nul
"%SystemRoot%\System32\reg.exe" add %ENVIRONMENT% /v Path /t REG_EXPAND_SZ /d "%NEW_PATH%" /f >nul
if errorlevel 1 exit /b 1
:: setx tells running programs that the environment has changed; its own value is not kept.
if exist "%SystemRoot%\System32\setx.exe" (
  "%SystemRoot%\System32\setx.exe" LlamaRunnerProChanged 1 >nul 2>&1
  "%SystemRoot%\System32\reg.exe" delete %ENVIRONMENT% /v LlamaRunnerProChanged /f >nul 2>&1
)
exit /b 0

:add_to_path
if "%LRP_NO_MODIFY_PATH%"=="1" exit /b 0
call :read_path
call :without_us
if defined IS_THERE exit /b 0
set "NEW_PATH=%BIN%"
if defined OLD_PATH set "NEW_PATH=%OLD_PATH%;%BIN%"
if defined OLD_PATH if "%OLD_PATH:~-1%"==";" set "NEW_PATH=%OLD_PATH%%BIN%"
call :write_path
if not errorlevel 1 exit /b 0
set "MSG=Could not change the PATH; add this folder to it: %BIN%"
call :say
exit /b 0

:remove_from_path
call :read_path
call :without_us
if not defined IS_THERE goto remove_backup
set "NEW_PATH=%REST_PATH%"
if defined NEW_PATH call :write_path
if not defined NEW_PATH "%SystemRoot%\System32\reg.exe" delete %ENVIRONMENT% /v Path /f >nul 2>&1
:remove_backup
"%SystemRoot%\System32\reg.exe" delete %ENVIRONMENT% /v %PATH_BACKUP% /f >nul 2>&1
exit /b 0

:: --- Uninstalling --------------------------------------------------------------------------------

:uninstall
call :no_error
if "%LRP_PURGE%%LRP_YES%"=="10" if not "%LRP_DRY_RUN%"=="1" call :ask
if errorlevel 1 exit /b %errorlevel%
set "MSG=Would stop LlamaRunner Pro and remove it from the PATH and from %LRP_HOME%"
if "%LRP_DRY_RUN%"=="1" goto say
set "RAN="
call :no_error
if defined CURRENT call :stop_running
if errorlevel 1 exit /b %errorlevel%
set "MSG=Removing"
call :step
call :remove_from_path
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
