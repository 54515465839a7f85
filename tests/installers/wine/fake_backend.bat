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
set "DATA=%USERPROFILE%\.llama-runner-pro"
if defined LLAMA_RUNNER_PRO_HOME set "DATA=%LLAMA_RUNNER_PRO_HOME%"
set "TRIAL="
if "%~3"=="--data-dir" set "DATA=%~4"
if "%~3"=="--data-dir" set "TRIAL=1"
set "NOTE=%DATA%\run\sidecar.json"
goto do_%~2

:do_version
:: Somebody waits for this, and ends the installer here.
if "%FAULT%"=="hang" if "%FOLDER:\versions\=%"=="%FOLDER%" goto hang
if "%FAULT%"=="version" set "VERSION=9.9.9"
:: Broken only where it was moved to, which a test in the workplace cannot see.
if "%FAULT%"=="switched" if not "%FOLDER:\versions\=%"=="%FOLDER%" exit /b 1
echo llama-runner-pro %VERSION%
exit /b 0

:hang
>"%TEMP%\hanging" echo .
:hanging
ping -n 2 127.0.0.1 >nul 2>&1
if exist "%TEMP%\hanging" goto hanging
exit /b 1

:do_serve
if "%FAULT%"=="serve" exit /b 78
if "%FAULT%"=="data" if not defined TRIAL exit /b 78
mkdir "%DATA%\run" 2>nul
>>"%DATA%\run\served" echo %VERSION%
>"%NOTE%" echo {"pid": 1}
echo LlamaRunner Pro %VERSION% is running: http://127.0.0.1:1/
:serving
ping -n 2 127.0.0.1 >nul 2>&1
if exist "%NOTE%" goto serving
exit /b 0

:do_status
if exist "%NOTE%" exit /b 0
exit /b 69

:do_stop
if "%FAULT%"=="stop" if not defined TRIAL exit /b 1
del /q "%NOTE%" 2>nul
exit /b 0
