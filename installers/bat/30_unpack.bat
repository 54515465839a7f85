
:: --- Verification and unpacking, in the workplace --------------------------------------------------

:get_version
cd /d "%WORK%"
set "MSG=Downloading %ARCHIVE%"
call :step
set "FILE=%ARCHIVE%"
set "MSG=Could not download %ARCHIVE%."
set "HINT=Check the connection, the proxy (https_proxy), free space, and that this version exists."
set "CODE=5"
call :fetch
if errorlevel 130 goto interrupted
if errorlevel 1 goto die
call :verify
if errorlevel 1 exit /b %errorlevel%
call :unpack
if errorlevel 1 exit /b %errorlevel%
set "MSG=Trying version %VERSION%"
call :step
set "TESTED=%UNPACKED%"
set "MSG=Version %VERSION% does not run on this system. Nothing was changed."
set "HINT="
set "CODE=9"
call :self_test
if errorlevel 1 goto die
:: A name that is taken may be in use, so the new one gets another.
set "NAME=%VERSION%"
set "NUMBER=2"
:next_name
if not exist "%LRP_HOME%\versions\%NAME%" goto have_name
set "NAME=%VERSION%~%NUMBER%"
set /a NUMBER+=1
goto next_name
:have_name
cd /d "%WORK%"
move "%UNPACKED%" "%LRP_HOME%\versions\%NAME%" >nul
set "MSG=Could not move version %VERSION% into place. Nothing was changed."
set "CODE=7"
if not exist "%LRP_HOME%\versions\%NAME%\" goto die
exit /b 0

:verify
if "%LRP_INSECURE_SKIP_VERIFY%"=="1" (
  echo WARNING: LRP_INSECURE_SKIP_VERIFY=1: nobody vouches for this archive. 1>&2
  exit /b 0
)
set "MSG=Verifying"
call :step
set "CODE=6"
set "HINT=Nothing was changed. Try again later, or ask where the release comes from."
set "FILE=SHA256SUMS"
set "MSG=The release has no SHA256SUMS, so the download cannot be trusted."
call :fetch
if not "%errorlevel%"=="0" goto die
call :check_signature
if errorlevel 1 exit /b %errorlevel%
set "EXPECTED="
set "LINES=0"
for /f "usebackq tokens=1,2" %%a in ("SHA256SUMS") do (
  if "%%b"=="%ARCHIVE%" (
    set "EXPECTED=%%a"
    set /a LINES+=1
  )
  if "%%b"=="*%ARCHIVE%" (
    set "EXPECTED=%%a"
    set /a LINES+=1
  )
)
set "MSG=SHA256SUMS has no single line for %ARCHIVE%."
if not "%LINES%"=="1" goto die
set "HASH=%EXPECTED%"
call :is_hash
if not defined IS_HASH goto die
set "SUMMED=%ARCHIVE%"
call :take_sum
set "MSG=Could not take the sum of %ARCHIVE%: certutil answered nothing that is one."
if not defined ACTUAL goto die
set "MSG=%ARCHIVE% is not what was released."
if /i not "%ACTUAL%"=="%EXPECTED%" goto die
exit /b 0

:: A signature that is there must fit; one that nobody can check is as good as none.
:check_signature
set "FILE=SHA256SUMS.minisig"
call :fetch 2>nul
if not exist SHA256SUMS.minisig goto no_signature
if not defined LRP_PUBLIC_KEY goto no_signature
if not defined LRP_MINISIGN goto no_signature
set "MSG=The signature of SHA256SUMS is wrong."
call "%LRP_MINISIGN%" -Vqm SHA256SUMS -x SHA256SUMS.minisig -P "%LRP_PUBLIC_KEY%" 1>&2
if not "%errorlevel%"=="0" goto die
exit /b 0
:no_signature
if "%LRP_REQUIRE_SIGNATURE%"=="0" exit /b 0
set "MSG=A signature is required (LRP_REQUIRE_SIGNATURE) and could not be checked."
set "HINT=That takes minisign.exe, LRP_PUBLIC_KEY, and SHA256SUMS.minisig in the release."
goto die

:: Sets ACTUAL, the sum of the file SUMMED in the present folder, or nothing. The headings of certutil
:: are in the language of the system; the sum is the line of 64 digits.
:take_sum
set "ACTUAL="
for /f "usebackq delims=" %%h in (`call "%LRP_CERTUTIL%" -hashfile "%SUMMED%" SHA256`) do (
  set "HASH=%%h"
  call :take_hash
)
exit /b 0

:take_hash
if defined ACTUAL exit /b 0
set "HASH=%HASH: =%"
call :is_hash
if defined IS_HASH set "ACTUAL=%HASH%"
exit /b 0

:is_hash
set "IS_HASH="
if not defined HASH exit /b 0
for /f "delims=0123456789abcdefABCDEF" %%x in ("%HASH%") do exit /b 0
if "%HASH:~63,1%"=="" exit /b 0
if not "%HASH:~64,1%"=="" exit /b 0
set "IS_HASH=1"
exit /b 0

:unpack
set "MSG=Unpacking"
call :step
set "CODE=9"
set "HINT=Nothing was changed."
set "MSG=%ARCHIVE% is damaged."
call "%LRP_TAR%" -tf "%ARCHIVE%" >names.txt 2>nul
if not "%errorlevel%"=="0" goto die
call "%LRP_TAR%" -tvf "%ARCHIVE%" >kinds.txt 2>nul
if not "%errorlevel%"=="0" goto die
set "TOP="
for /f "usebackq delims=/" %%n in ("names.txt") do if not defined TOP set "TOP=%%n"
set "MSG=%ARCHIVE% cannot be trusted: it is empty."
if not defined TOP goto die
set "MSG=%ARCHIVE% cannot be trusted: it holds more than one folder, or a name that leads out of it."
set "BAD="
:: Names are made of these only: nothing that names a disk or a stream, or that cmd.exe would run.
for /f "usebackq delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/~@,=()[]{}$#! " %%x in ("names.txt") do set "BAD=1"
if defined BAD goto die
:: All of them lie below one folder, and none goes up again.
for /f "usebackq delims=" %%n in ("names.txt") do (
  set "ENTRY=%%n"
  call :check_name
)
if defined BAD goto die
set "MSG=%ARCHIVE% cannot be trusted: it holds links or devices."
for /f "usebackq delims=" %%k in ("kinds.txt") do (
  set "KIND=%%k"
  call :check_kind
)
if defined BAD goto die
mkdir unpacked
cd unpacked
set "MSG=Could not unpack %ARCHIVE%. Is the disk full?"
call "%LRP_TAR%" -xf "..\%ARCHIVE%"
if "%errorlevel%"=="%LRP_ENDED_BY_CTRL_C%" goto interrupted
if not "%errorlevel%"=="0" goto die
cd ..
del /q "%ARCHIVE%"
set "UNPACKED=%WORK%\unpacked\%TOP%"
set "MSG=%ARCHIVE% cannot be trusted: it holds no %BACKEND_NAME% of the %VARIANT% kind."
if "%VARIANT%"=="headless" if not exist "%UNPACKED%\backend\%BACKEND_NAME%" goto die
if "%VARIANT%"=="desktop" if not exist "%UNPACKED%\resources\backend\%BACKEND_NAME%" goto die
exit /b 0

:check_name
if not "%ENTRY:..=%"=="%ENTRY%" set "BAD=1"
if "%ENTRY:~0,1%"=="/" set "BAD=1"
for /f "delims=/" %%t in ("%ENTRY%") do if not "%%t"=="%TOP%" set "BAD=1"
exit /b 0

:check_kind
if "%KIND:~0,1%"=="-" exit /b 0
if "%KIND:~0,1%"=="d" exit /b 0
set "BAD=1"
exit /b 0

:: --- Self-test: TESTED says its version, and serves in a folder of its own on a free port ----------

:: Sets BACKEND, the folder of the program below TESTED.
:find_backend
set "BACKEND=%TESTED%\backend"
if exist "%BACKEND%\%BACKEND_NAME%" exit /b 0
set "BACKEND=%TESTED%\resources\backend"
if exist "%BACKEND%\%BACKEND_NAME%" exit /b 0
exit /b 1

:: Sets SAID, what BACKEND says to "version". Asked once more when that is nothing: a virus scanner may
:: hold a program that has just been written. Started from its own folder, so that no special sign of
:: the path stands in the command.
:ask_version
set "SAID="
pushd "%BACKEND%"
for /f "usebackq delims=" %%v in (`.\%BACKEND_NAME% version 2^>nul`) do set "SAID=%%v"
if not defined SAID call :nap
if not defined SAID for /f "usebackq delims=" %%v in (`.\%BACKEND_NAME% version 2^>nul`) do set "SAID=%%v"
popd
exit /b 0

:self_test
call :find_backend
if errorlevel 1 exit /b 1
call :ask_version
if not "%SAID%"=="llama-runner-pro %VERSION%" exit /b 1
mkdir "%WORK%\trial" 2>nul
:: Whether its end can be seen here at all is tried with a file that we hold open ourselves.
set "ENDED="
set "PROBED=%WORK%\held.txt"
call :look_for_end >"%PROBED%" 2>nul
set "TELLS_END=1"
if defined ENDED set "TELLS_END="
set "PROBED=%WORK%\said.txt"
pushd "%USERPROFILE%"
start "" /b "%BACKEND%\%BACKEND_NAME%" serve --data-dir "%WORK%\trial" --port 0 --no-gateway >"%WORK%\said.txt" 2>&1
popd
set "SERVES="
set "TRIES=60"
:next_try
:: Its last words may come between the two looks, so its end is looked for first.
set "ENDED="
if defined TELLS_END call :look_for_end 2>nul
for /f "usebackq delims=" %%l in ("%WORK%\said.txt") do (
  set "LINE=%%l"
  call :check_line
)
if defined SERVES goto stop_trial
set "HINT=It ended by itself instead of serving; what it said is in the log."
if defined ENDED goto trial_failed
set "HINT=It did not serve within a minute; what it said is in the log."
set /a TRIES-=1
call :nap
if %TRIES% GTR 0 goto next_try
call :stop_trial
:trial_failed
if defined LOG type "%WORK%\said.txt" >>"%LOG%" 2>nul
exit /b 1
:check_line
if not "%LINE:is running: http=%"=="%LINE%" set "SERVES=1"
exit /b 0

:: Sets ENDED when nobody holds PROBED open for writing any more: then a line can be added to it.
:look_for_end
>>"%PROBED%" echo (That is all.)
"%SystemRoot%\System32\find.exe" "(That is all.)" "%PROBED%" >nul 2>&1
if not errorlevel 1 set "ENDED=1"
exit /b 0

:stop_trial
pushd "%BACKEND%"
for /f "usebackq delims=" %%v in (`.\%BACKEND_NAME% stop --data-dir "%WORK%\trial" --timeout-s 15 2^>nul`) do set "SAID=%%v"
popd
rmdir /s /q "%WORK%\trial" 2>nul
exit /b 0

:: About a second.
:nap
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul 2>&1
exit /b 0
