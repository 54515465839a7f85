@echo off
:: Stands in for the frozen program. %1 is the program's own path, then come its arguments.
:: fake.txt beside it tells the version and what is broken about it.
setlocal EnableExtensions DisableDelayedExpansion
set "OWN=%~1"
for %%p in ("%OWN%") do set "FOLDER=%%~dpp"
set "FAULT="
for /f "usebackq tokens=1,2" %%a in ("%FOLDER%fake.txt") do (
  set "VERSION=%%a"
  set "FAULT=%%b"
)
if not defined FAULT set "FAULT=none"
set "DATA=%USERPROFILE%\.llama-runner-pro"
if defined LLAMA_RUNNER_PRO_HOME set "DATA=%LLAMA_RUNNER_PRO_HOME%"
set "TRIAL="
if "%~3"=="--data-dir" set "DATA=%~4"
if "%~3"=="--data-dir" set "TRIAL=1"
set "NOTE=%DATA%\run\sidecar.json"
:: The window leaves no note of a start.
if "%~nx1"=="llama-runner-pro.exe" (
  set "SERVED=window"
  goto serving_now
)
set "SERVED=%VERSION%"
if not "%~3"=="" if not defined TRIAL set "SERVED=%VERSION% %~3"
goto do_%~2

:do_version
:: Somebody waits for this, and ends the installer here.
if "%FAULT%"=="hang" if "%FOLDER:\versions\=%"=="%FOLDER%" goto hang
if "%FAULT%"=="version" set "VERSION=9.9.9"
:: Somebody waits for the version after the switch, and ends the installer here.
if not "%FAULT:late=%"=="%FAULT%" if not "%FOLDER:\versions\=%"=="%FOLDER%" if not exist "%TEMP%\hung" goto hang
:: Broken only where it was moved to, which a test in the workplace cannot see.
if "%FAULT%"=="switched" if not "%FOLDER:\versions\=%"=="%FOLDER%" exit /b 1
echo llama-runner-pro %VERSION%
exit /b 0

:hang
>"%TEMP%\hung" echo .
>"%TEMP%\hanging" echo .
:hanging
ping -n 2 127.0.0.1 >nul 2>&1
if exist "%TEMP%\hanging" goto hanging
exit /b 1

:do_serve
if "%FAULT%"=="serve" echo No model fits.
if "%FAULT%"=="serve" exit /b 78
:: It has been looked for more than once by then.
if "%FAULT%"=="slow" ping -n 6 127.0.0.1 >nul 2>&1
if not "%FAULT:data=%"=="%FAULT%" if not defined TRIAL exit /b 78
mkdir "%DATA%\run" 2>nul
>"%DATA%\run\start.json" echo {"program": "llama-runner-pro-backend.exe"}
:serving_now
mkdir "%DATA%\run" 2>nul
>>"%DATA%\run\served" echo %SERVED%
>"%NOTE%" echo {"pid": 1}
echo LlamaRunner Pro %VERSION% is running: http://127.0.0.1:1/
:serving
ping -n 2 127.0.0.1 >nul 2>&1
if exist "%NOTE%" goto serving
exit /b 0

:do_status
:: Left over by one that was killed.
"%SystemRoot%\System32\find.exe" "gone" "%NOTE%" >nul 2>&1
if not errorlevel 1 exit /b 69
if exist "%NOTE%" exit /b 0
exit /b 69

:do_stop
if "%FAULT%"=="stop" if not defined TRIAL exit /b 1
del /q "%NOTE%" 2>nul
exit /b 0
