
:: --- The switch -----------------------------------------------------------------------------------

:: Sets NAME when this version is here already, in this variant, and passes its self-test.
:find_installed
set "NAME="
if "%LRP_FORCE%"=="1" exit /b 0
set "PRESENT=%VERSION%"
for /f "delims=~" %%v in ("%CURRENT%") do if "%%v"=="%VERSION%" set "PRESENT=%CURRENT%"
set "TESTED=%LRP_HOME%\versions\%PRESENT%"
if "%VARIANT%"=="headless" if not exist "%TESTED%\backend\%BACKEND_NAME%" exit /b 0
if "%VARIANT%"=="desktop" if not exist "%TESTED%\resources\backend\%BACKEND_NAME%" exit /b 0
call :self_test
if errorlevel 1 (
  set "MSG=Version %VERSION% is here, but damaged; getting it anew."
  call :say
  cd .
  exit /b 0
)
set "NAME=%PRESENT%"
set "MSG=LlamaRunner Pro %VERSION% is installed already."
if "%NAME%"=="%CURRENT%" call :say
exit /b 0

:: What is typed: reads which version is current, every time.
:write_shim
set "MADE=%WORK%\shim"
call :write_head
>>"%WORK%\shim" echo "%%LRP_BACKEND%%\%BACKEND_NAME%" %%*
>>"%WORK%\shim" echo exit /b %%errorlevel%%
set "LAST_WORD=errorlevel"
set "PLACED=%SHIM%"
goto put

:: MADE becomes PLACED by a rename: whoever reads sees the old file or the new one. On a full disk
:: MADE is empty, so its LAST_WORD is looked for first. Fails without a change.
:put
"%SystemRoot%\System32\find.exe" "%LAST_WORD%" "%MADE%" >nul 2>&1
if errorlevel 1 exit /b 1
move /y "%MADE%" "%PLACED%" >nul 2>&1
if errorlevel 1 exit /b 1
exit /b 0

:: The beginning of a .cmd file in BIN that sets LRP_BACKEND, the folder of the current program.
:write_head
>"%MADE%" echo @echo off
>>"%MADE%" echo setlocal EnableExtensions DisableDelayedExpansion
>>"%MADE%" echo set /p LRP_CURRENT=^<"%%~dp0..\current.txt"
>>"%MADE%" echo set "LRP_BACKEND=%%~dp0..\versions\%%LRP_CURRENT%%\backend"
>>"%MADE%" echo if not exist "%%LRP_BACKEND%%\" set "LRP_BACKEND=%%~dp0..\versions\%%LRP_CURRENT%%\resources\backend"
exit /b 0

:: current.txt says TARGET from now on.
:swap
set "PLACED=%LRP_HOME%\current.txt"
set "LINE=%TARGET%"
goto put_line
:: previous.txt says LINE; without a LINE it goes.
:note_previous
set "PLACED=%LRP_HOME%\previous.txt"
if not defined LINE del /q "%PLACED%" 2>nul
if not defined LINE exit /b 0
:put_line
set "MADE=%WORK%\line"
set "LAST_WORD=%LINE%"
>"%MADE%" echo %LINE%
goto put

:: Makes NAME current; goes back by itself when that does not work.
:activate
if "%NAME%"=="%CURRENT%" exit /b 0
:: A killed run may have left word already of what ran.
if not defined RAN (
  set "EARLIER="
  if exist "%LRP_HOME%\previous.txt" set /p EARLIER=<"%LRP_HOME%\previous.txt"
)
call :no_error
if defined CURRENT if not defined RAN call :stop_running
if errorlevel 1 exit /b %errorlevel%
set "TARGET=%NAME%"
set "LINE=%CURRENT%"
call :note_previous
if not errorlevel 1 call :swap
if errorlevel 1 goto no_switch
set "TESTED=%LRP_HOME%\versions\%NAME%"
call :works
if not errorlevel 1 goto forget_promise
if not defined CURRENT (
  del /q "%LRP_HOME%\current.txt"
  set "MSG=Version %VERSION% was installed and does not work. It was removed again."
  set "CODE=9"
  goto die
)
set "TARGET=%CURRENT%"
call :swap
set "LINE=%EARLIER%"
call :note_previous
call :keep_promise
set "VICTIM=%LRP_HOME%\versions\%NAME%"
call :remove_folder
set "MSG=Version %VERSION% did not work and was removed; %CURRENT% is back."
set "CODE=10"
goto die

:no_switch
set "LINE=%EARLIER%"
call :note_previous
set "MSG=Could not switch to version %VERSION%. Is the disk full?"
set "HINT="
set "CODE=7"
goto die

:works
call :find_backend
call :ask_version
if not "%SAID%"=="llama-runner-pro %VERSION%" exit /b 1
if not defined RAN exit /b 0
call :serve_again
if "%RAN%"=="window" exit /b 0
goto answers

:: Through the program's own command, which proves whom it stops.
:stop_running
call :note_running
if not defined RAN exit /b 0
set "MSG=Could not note what runs. Nothing was changed. Is the disk full?"
set "HINT="
set "CODE=7"
call :promise
if errorlevel 1 goto die
set "MSG=The running LlamaRunner Pro did not stop. Nothing was changed."
set "HINT=End it, then try again."
set "CODE=8"
"%BACKEND%\%BACKEND_NAME%" stop --timeout-s 15 >nul
if "%errorlevel%"=="0" exit /b 0
call :forget_promise
goto die

:serve_current
set "TESTED=%LRP_HOME%\versions\%CURRENT%"
call :find_backend
:: As before: the program itself noted its options, folder and environment.
:serve_again
set "WORDS=serve --as-before"
if not "%RAN%"=="window" goto begin
pushd "%USERPROFILE%"
start "" "%TESTED%\llama-runner-pro.exe"
popd
exit /b 0
:serve
set "WORDS=serve"
:: In the background, from BACKEND. Not in the workplace: the folder of a program cannot go.
:begin
pushd "%USERPROFILE%"
start "LlamaRunner Pro" /min "%BACKEND%\%BACKEND_NAME%" %WORDS%
popd
exit /b 0

:: Until it answers.
:answers
set "TRIES=40"
:next_answer
call :nap
call :is_serving
if not errorlevel 1 exit /b 0
set /a TRIES-=1
if %TRIES% GTR 0 goto next_answer
exit /b 1

:start_now
if not "%LRP_START%"=="1" exit /b 0
set "TESTED=%LRP_HOME%\versions\%NAME%"
call :find_backend
set "MSG=It runs already."
call :is_serving
if not errorlevel 1 goto say
set "MSG=Starting"
call :step
call :serve
set "MSG=LlamaRunner Pro is installed, but did not start. Try: llama-runner-pro serve"
set "HINT="
set "CODE=9"
call :answers
if errorlevel 1 goto die
exit /b 0

:: The current version and the one before stay.
:prune
set "KEPT="
if exist "%LRP_HOME%\previous.txt" set /p KEPT=<"%LRP_HOME%\previous.txt"
for /f "usebackq delims=" %%v in (`dir /b /ad "%LRP_HOME%\versions" 2^>nul`) do (
  set "OLD=%%v"
  call :prune_one
)
exit /b 0

:prune_one
if "%OLD%"=="%NAME%" exit /b 0
if "%OLD%"=="%KEPT%" exit /b 0
set "VICTIM=%LRP_HOME%\versions\%OLD%"

:: Windows lets go of a program's files a moment after its end.
:remove_folder
set "TRIES=10"
:next_removal
if not exist "%VICTIM%\" exit /b 0
rmdir /s /q "%VICTIM%" 2>nul
if not exist "%VICTIM%\" exit /b 0
call :nap
set /a TRIES-=1
if %TRIES% GTR 0 goto next_removal
exit /b 0

:rollback
set "NAME="
if exist "%LRP_HOME%\previous.txt" set /p NAME=<"%LRP_HOME%\previous.txt"
set "MSG=There is no version before this one: %LRP_HOME%"
set "HINT=Install one by name: --version X"
set "CODE=2"
:: Taking back what a killed run switched to was going back.
if defined UNDONE set "NAME=%CURRENT%"
if not defined NAME goto die
if not exist "%LRP_HOME%\versions\%NAME%\" goto die
for /f "delims=~" %%v in ("%NAME%") do set "VERSION=%%v"
set "MSG=Would go back to version %VERSION%."
if "%LRP_DRY_RUN%"=="1" goto say
set "TESTED=%LRP_HOME%\versions\%NAME%"
set "MSG=Version %VERSION% does not run any more. Nothing was changed."
set "HINT="
set "CODE=9"
call :self_test
if errorlevel 1 goto die
set "VARIANT=desktop"
if exist "%TESTED%\backend\%BACKEND_NAME%" set "VARIANT=headless"
goto switch

:: Where it lies says whose it is; so it holds no names that depend on a code page.
:write_receipt
set "MADE=%WORK%\receipt"
>"%MADE%" echo {
>>"%MADE%" echo   "format": 1,
>>"%MADE%" echo   "version": "%VERSION%",
>>"%MADE%" echo   "variant": "%VARIANT%",
>>"%MADE%" echo   "target": "windows-%ARCH%"
>>"%MADE%" echo }
set "PLACED=%LRP_HOME%\receipt.json"
set "LAST_WORD=}"
goto put
