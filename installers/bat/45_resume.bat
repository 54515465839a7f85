
:: --- What is stopped for the switch comes back ---------------------------------------------------

:: Before the stop: what ran, and which versions were current and previous. A run that is killed
:: leaves this to the next one. Fails without a change.
:promise
set "PLACED=%LRP_HOME%\resume.txt"
set "LINE=%RAN% %CURRENT% %EARLIER%"
goto put_line

:: A killed run stopped something, and perhaps switched to a version that nobody saw serving: unless
:: something serves, the versions are again what they were, and RAN says what is to be started.
:recall
if "%LRP_DRY_RUN%"=="1" exit /b 0
if not exist "%LRP_HOME%\resume.txt" exit /b 0
set "BEFORE="
set "EARLIER="
for /f "usebackq tokens=1-3" %%a in ("%LRP_HOME%\resume.txt") do (
  set "RAN=%%a"
  set "BEFORE=%%b"
  set "EARLIER=%%c"
)
set "TESTED=%LRP_HOME%\versions\%CURRENT%"
call :find_backend
call :is_serving
if not errorlevel 1 goto forget_promise
if not defined BEFORE goto forget_promise
if not exist "%LRP_HOME%\versions\%BEFORE%\" goto forget_promise
if not "%CURRENT%"=="%BEFORE%" set "UNDONE=1"
set "CURRENT=%BEFORE%"
set "TARGET=%BEFORE%"
call :swap
set "LINE=%EARLIER%"
call :note_previous
exit /b 0

:forget_promise
set "RAN="
del /q "%LRP_HOME%\resume.txt" 2>nul
exit /b 0

:: At every end: what was stopped and is not back.
:keep_promise
if "%LRP_DRY_RUN%"=="1" exit /b 0
if not exist "%LRP_HOME%\resume.txt" exit /b 0
if defined RAN if exist "%LRP_HOME%\versions\%CURRENT%\" call :serve_current
goto forget_promise

:: Whether the sidecar of the data folder answers BACKEND; a crash is less than 0, and 69 is the
:: program's word for: nothing runs.
:is_serving
if not exist "%DATA%\run\sidecar.json" exit /b 1
"%BACKEND%\%BACKEND_NAME%" status >nul 2>&1
if errorlevel 69 exit /b 1
if errorlevel 0 exit /b 0
exit /b 1

:: Sets RAN when something of ours runs: serve, or window, which leaves no note of a start behind.
:note_running
set "TESTED=%LRP_HOME%\versions\%CURRENT%"
call :find_backend
if errorlevel 1 exit /b 0
call :is_serving
if errorlevel 1 exit /b 0
set "START=%DATA%\run\start.json"
if not exist "%START%" if exist "%TESTED%\llama-runner-pro.exe" set "RAN=window"
if not exist "%START%" exit /b 0
:: What serves from elsewhere, with somebody's own Python, is not ours to stop.
"%SystemRoot%\System32\find.exe" "%BACKEND_NAME%" "%START%" >nul 2>&1
if not errorlevel 1 set "RAN=serve"
exit /b 0
