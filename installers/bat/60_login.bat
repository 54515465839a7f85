
:: --- Start at login, and the Start menu: files of ours that start the current version ---------------

:: start.cmd reads which version is current, every time, and waits for nothing.
:write_starter
set "MADE=%WORK%\starter"
call :write_head
>>"%WORK%\starter" echo cd /d "%%USERPROFILE%%"
>>"%WORK%\starter" echo start "LlamaRunner Pro" /min "%%LRP_BACKEND%%\%BACKEND_NAME%" serve
>>"%WORK%\starter" echo exit /b %%errorlevel%%
set "LAST_WORD=errorlevel"
set "PLACED=%BIN%\start.cmd"
goto put

:: A line of the user's Run key: no administrator, nothing that keeps it running afterwards.
:add_to_login
if not "%LRP_SERVICE%"=="1" exit /b 0
call :write_starter
set "LINE=\"%BIN%\start.cmd\""
setlocal EnableDelayedExpansion
"%REG%" add %LOGIN% /v LlamaRunnerPro /t REG_SZ /d "!LINE!" /f >nul 2>&1
endlocal & if not errorlevel 1 exit /b 0
set "MSG=Could not set up the start at login; put this into your Startup folder: %BIN%\start.cmd"
goto say

:: Only a line that names our folder goes.
:remove_from_login
"%REG%" query %LOGIN% /v LlamaRunnerPro >"%WORK%\login.txt" 2>nul
"%SystemRoot%\System32\find.exe" "%BIN%\start.cmd" "%WORK%\login.txt" >nul 2>&1
if errorlevel 1 exit /b 0
"%REG%" delete %LOGIN% /v LlamaRunnerPro /f >nul 2>&1
exit /b 0

:: A .cmd file, for a true shortcut takes a program that Windows does not bring without a script host.
:add_to_menu
if not "%LRP_SHORTCUT%"=="1" exit /b 0
call :write_starter
set "MSG=There is no Start menu folder, so it got no entry."
if not exist "%MENU%\" goto say
>"%WORK%\entry" echo @"%BIN%\start.cmd"
move /y "%WORK%\entry" "%MENU%\LlamaRunner Pro.cmd" >nul
exit /b 0

:remove_from_menu
"%SystemRoot%\System32\find.exe" "%BIN%\start.cmd" "%MENU%\LlamaRunner Pro.cmd" >nul 2>&1
if not errorlevel 1 del /q "%MENU%\LlamaRunner Pro.cmd" 2>nul
exit /b 0
