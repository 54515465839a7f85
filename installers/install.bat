@echo off
:: Installs, upgrades, rolls back and uninstalls LlamaRunner Pro on Windows 10 (1803) and later.
::
::   curl -fsSLO ADDRESS/install.bat && install.bat
::
:: Assembled from installers/bat by "npm run build:installers": change the parts, not this file.
:: Paths are always between quotes and never passed through "call", for user names may hold
:: & ( ) and !. The tools are named in full: the PATH may hold others of the same name.
setlocal EnableExtensions DisableDelayedExpansion

:: cmd.exe runs a script while it reads it; one that was cut off must not even begin.
set "WHOLE="
call :whole 2>nul
if not defined WHOLE (
  echo error: install.bat is incomplete; download it again. 1>&2
  exit /b 5
)

:: Where releases are; stamped in when a release is made.
set "LRP_RELEASES="
set "BACKEND_NAME=llama-runner-pro-backend.exe"
set "ENVIRONMENT=HKCU\Environment"
set "REG=%SystemRoot%\System32\reg.exe"
:: The user's PATH before the installation, as the registry itself copied it.
set "FORMER=HKCU\Software\LlamaRunnerProFormerPath"
set "LOGIN=HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
set "MENU=%APPDATA%\Microsoft\Windows\Start Menu\Programs"
set "PRESENT_PATH=HKCU\Software\LlamaRunnerProPresentPath"
:: 0xC000013A as errorlevel shows it; tests name 1, which wine's "call" makes of every failure.
if not defined LRP_ENDED_BY_CTRL_C set "LRP_ENDED_BY_CTRL_C=-1073741510"
:: Not enough below this for what is downloaded, unpacked and kept.
set "NEEDED_MB=600"

call :take_environment
if errorlevel 1 exit /b %errorlevel%
call :take_arguments %*
if errorlevel 1 exit /b %errorlevel%
if defined HELP goto usage
call :choose_folder
if errorlevel 1 exit /b %errorlevel%
call :find_platform
if errorlevel 1 exit /b %errorlevel%
if "%LRP_PRINT_CONFIG%"=="1" goto print_config
if "%LRP_UNINSTALL%"=="1" goto with_lock
if "%LRP_ROLLBACK%"=="1" goto with_lock
call :choose_source
if errorlevel 1 exit /b %errorlevel%
call :check_tools
if errorlevel 1 exit /b %errorlevel%
call :choose_version
if errorlevel 1 exit /b %errorlevel%
call :check_target
if errorlevel 1 exit /b %errorlevel%
if "%LRP_DRY_RUN%"=="1" goto plan

:: Only one at a time: of two that make the same folder, one succeeds.
:with_lock
if "%LRP_UNINSTALL%%LRP_ROLLBACK%"=="00" goto make_home
if exist "%LRP_HOME%\receipt.json" goto take_lock
set "MSG=LlamaRunner Pro is not installed here (no receipt.json): %LRP_HOME%"
set "HINT=If it is elsewhere, name the folder with --dir."
set "CODE=2"
goto die
:make_home
if not exist "%LRP_HOME%\" mkdir "%LRP_HOME%" 2>nul
if not exist "%LRP_HOME%\" goto cannot_write
:take_lock
if "%LRP_FORCE%"=="1" rmdir "%LRP_HOME%\lock" 2>nul
mkdir "%LRP_HOME%\lock" 2>nul
if errorlevel 1 goto is_locked
set "PLACE="
call :open_log
call :locked
set "RESULT=%errorlevel%"
rmdir "%LRP_HOME%\lock" 2>nul
if "%LRP_UNINSTALL%"=="1" rmdir "%LRP_HOME%" 2>nul
if not exist "%LRP_HOME%\current.txt" rmdir "%LRP_HOME%" 2>nul
call :tell_log
if defined PLACE echo "%SHIM%"
exit /b %RESULT%

:is_locked
set "HINT=Wait for its end. If one was ended before it was done: --force"
set "MSG=Another installation is at work here: %LRP_HOME%"
set "CODE=8"
if not exist "%LRP_HOME%\lock\" goto cannot_write
goto die

:cannot_write
set "MSG=This folder cannot be written: %LRP_HOME%"
set "HINT=Make it writable, or choose another one with --dir."
set "CODE=7"
goto die

:locked
set "WORK=%LRP_HOME%\tmp.%RANDOM%%RANDOM%"
for /f "usebackq delims=" %%d in (`dir /b /ad "%LRP_HOME%\tmp.*" 2^>nul`) do rmdir /s /q "%LRP_HOME%\%%d" 2>nul
mkdir "%WORK%" 2>nul
if not exist "%WORK%\" goto cannot_write
set "RAN="
set "UNDONE="
call :recall
call :work
set "RESULT=%errorlevel%"
cd /d "%SystemRoot%"
call :keep_promise
set "VICTIM=%WORK%"
call :remove_folder
:: A first installation that failed leaves nothing.
if exist "%LRP_HOME%\current.txt" exit /b %RESULT%
if "%LRP_UNINSTALL%"=="1" exit /b %RESULT%
for %%n in (versions bin) do rmdir /s /q "%LRP_HOME%\%%n" 2>nul
del /q "%LRP_HOME%\receipt.json" "%LRP_HOME%\previous.txt" 2>nul
exit /b %RESULT%

:work
if "%LRP_UNINSTALL%"=="1" goto uninstall
if "%LRP_ROLLBACK%"=="1" goto rollback
:: From here on what bears our names is known to be ours, even when the power fails.
if not exist "%LRP_HOME%\receipt.json" call :write_receipt
for %%n in (versions bin) do if not exist "%LRP_HOME%\%%n\" mkdir "%LRP_HOME%\%%n"
call :find_installed
call :no_error
if not defined NAME call :get_version
if errorlevel 1 exit /b %errorlevel%
:switch
set "MSG=Switching to version %VERSION%"
call :step
set "MSG=Could not write the command into %BIN%. Is the disk full?"
set "HINT="
set "CODE=7"
call :write_shim
if errorlevel 1 goto die
call :activate
if errorlevel 1 exit /b %errorlevel%
call :prune
call :add_to_path
call :add_to_login
call :add_to_menu
call :write_receipt
call :start_now
if errorlevel 1 exit /b %errorlevel%
set "MSG=LlamaRunner Pro %VERSION% is installed. In a new terminal: llama-runner-pro serve"
call :say
set "PLACE=1"
exit /b 0

:: --- Words --------------------------------------------------------------------------------------

:: "set /p" prints what "echo" would run.
:say
call :note
if "%LRP_QUIET%"=="1" exit /b 0
<nul set /p "=%MSG%" 1>&2
echo. 1>&2
exit /b 0
:: What went before does not count: not every command says 0 when it is well.
:no_error
exit /b 0

:step
set "MSG=* %MSG%"
goto say

:: MSG, into the log alone.
:note
if not defined LOG exit /b 0
>>"%LOG%" <nul set /p "=%MSG%"
>>"%LOG%" echo.
exit /b 0

:open_log
set "LOG=%TEMP%\llama-runner-pro-install.%RANDOM%%RANDOM%.log"
>"%LOG%" echo install.bat, %DATE% %TIME%
if not exist "%LOG%" set "LOG="
exit /b 0

:tell_log
if not defined LOG exit /b 0
if "%LRP_QUIET%%RESULT%"=="10" exit /b 0
set "MSG=Log: %LOG%"
<nul set /p "=%MSG%" 1>&2
echo. 1>&2
exit /b 0

:: What Windows tells of a program that Ctrl+C ended.
:interrupted
set "MSG=Interrupted. Nothing was changed."
set "HINT="
set "CODE=130"

:: Uses MSG, HINT and CODE.
:die
call :note
<nul set /p "=error: %MSG%" 1>&2
echo. 1>&2
if not defined HINT exit /b %CODE%
<nul set /p "=%HINT%" 1>&2
echo. 1>&2
exit /b %CODE%

:usage
echo Installs LlamaRunner Pro for you alone; nobody needs to be administrator.
echo.
echo   install.bat [OPTIONS]
echo.
echo   --version X          this version instead of the newest          LRP_VERSION
echo   --headless           the server without the desktop window       LRP_HEADLESS=1
echo   --desktop            with the window again, after --headless     LRP_HEADLESS=0
echo   --base-url URL       where releases are: https://, file:// or a folder; http://
echo                        for this computer only                      LRP_BASE_URL
echo   --offline FILE       this archive; SHA256SUMS lies beside it     LRP_OFFLINE
echo   --force              even if this version is installed already   LRP_FORCE=1
echo   --dir FOLDER         instead of .llama-runner-pro in your profile  LRP_HOME
echo   --no-modify-path     leave the PATH alone                        LRP_NO_MODIFY_PATH=1
echo   --service            start it at every login                     LRP_SERVICE=1
echo   --shortcut           a .cmd file in the Start menu starts it     LRP_SHORTCUT=1
echo   --start              start it in the background now              LRP_START=1
echo   --yes                take every question as answered with yes    LRP_YES=1
echo   --quiet              say errors only                             LRP_QUIET=1
echo   --dry-run            say what would be done, write nothing       LRP_DRY_RUN=1
echo   --rollback           go back to the version before
echo   --uninstall          remove the program; settings, history and models stay
echo   --purge              with --uninstall: settings, history and logs too (asks)
echo   --print-config       print what would be used, and do nothing
echo   --help               this page
echo.
echo A flag wins over its variable. LRP_INSECURE_SKIP_VERIFY=1 installs what nobody has
echo vouched for; LRP_REQUIRE_SIGNATURE=1 demands a minisign signature by the key in
echo LRP_PUBLIC_KEY. A true shortcut comes with the setup program only.
echo.
echo Exit codes: 0 done, 2 wrong use, 3 this system is not supported, 4 a tool is missing,
echo 5 download, 6 verification, 7 no space or permission, 8 locked or still running,
echo 9 unpacking or self-test, 10 rolled back to the version before, 130 interrupted
echo (a script that cmd.exe itself ended has the code of cmd.exe).
exit /b 0

:: --- Options ------------------------------------------------------------------------------------

:take_environment
set "HEADLESS_ASKED="
if defined LRP_HEADLESS set "HEADLESS_ASKED=1"
set "HELP="
set "BAD_SWITCH="
for %%n in (HEADLESS FORCE NO_MODIFY_PATH SERVICE SHORTCUT START YES QUIET DRY_RUN UNINSTALL PURGE ROLLBACK PRINT_CONFIG INSECURE_SKIP_VERIFY REQUIRE_SIGNATURE) do (
  if not defined LRP_%%n set "LRP_%%n=0"
)
for %%n in (HEADLESS FORCE NO_MODIFY_PATH SERVICE SHORTCUT START YES QUIET DRY_RUN UNINSTALL PURGE ROLLBACK PRINT_CONFIG INSECURE_SKIP_VERIFY REQUIRE_SIGNATURE) do (
  set "SWITCH=%%n"
  call :check_switch
)
set "MSG=LRP_%BAD_SWITCH% can be 0 or 1."
set "HINT=See all options: install.bat --help"
set "CODE=2"
if defined BAD_SWITCH goto die
if not defined LRP_BASE_URL set "LRP_BASE_URL=%LRP_RELEASES%"
if not defined LRP_CURL set "LRP_CURL=%SystemRoot%\System32\curl.exe"
if not defined LRP_TAR set "LRP_TAR=%SystemRoot%\System32\tar.exe"
if not defined LRP_CERTUTIL set "LRP_CERTUTIL=%SystemRoot%\System32\certutil.exe"
if not defined LRP_MINISIGN for %%m in (minisign.exe) do set "LRP_MINISIGN=%%~$PATH:m"
exit /b 0

:check_switch
setlocal EnableDelayedExpansion
if "!LRP_%SWITCH%!"=="0" goto good_switch
if "!LRP_%SWITCH%!"=="1" goto good_switch
endlocal
set "BAD_SWITCH=%SWITCH%"
exit /b 0
:good_switch
endlocal
exit /b 0

:: cmd.exe itself cuts --version=1.0.0 into two words, so both forms work.
:take_arguments
if "%~1"=="" exit /b 0
set "WORD=%~1"
for %%w in (version dir base-url offline) do if "%WORD%"=="--%%w" goto take_value
for %%w in (force no-modify-path service shortcut start yes quiet dry-run uninstall purge rollback print-config) do (
  if "%WORD%"=="--%%w" goto take_switch
)
if "%WORD%"=="--no-desktop" goto next_argument
if "%WORD%"=="--help" set "HELP=1"
if "%WORD%"=="--help" goto next_argument
if "%WORD%"=="--headless" set "LRP_HEADLESS=1"
if "%WORD%"=="--desktop" set "LRP_HEADLESS=0"
if "%WORD%"=="--headless" set "HEADLESS_ASKED=1"
if "%WORD%"=="--desktop" set "HEADLESS_ASKED=1"
if "%WORD%"=="--headless" goto next_argument
if "%WORD%"=="--desktop" goto next_argument
set "MSG=There is no option %WORD%."
set "HINT=See all options: install.bat --help"
set "CODE=2"
goto die

:take_switch
set "WORD=%WORD:~2%"
set "WORD=%WORD:-=_%"
set "LRP_%WORD%=1"
goto next_argument

:take_value
if "%~2"=="" (
  set "MSG=%WORD% needs a value."
  set "HINT=See all options: install.bat --help"
  set "CODE=2"
  goto die
)
if "%WORD%"=="--version" set "LRP_VERSION=%~2"
if "%WORD%"=="--dir" set "LRP_HOME=%~2"
if "%WORD%"=="--base-url" set "LRP_BASE_URL=%~2"
if "%WORD%"=="--offline" set "LRP_OFFLINE=%~2"
shift
:next_argument
shift
goto take_arguments

:choose_folder
set "HINT="
set "CODE=2"
set "MSG=--purge goes with --uninstall."
if "%LRP_PURGE%%LRP_UNINSTALL%"=="10" goto die
set "MSG=--rollback and --uninstall exclude each other."
if "%LRP_ROLLBACK%%LRP_UNINSTALL%"=="11" goto die
set "MSG=USERPROFILE is not set, so there is no place to install to."
if not defined USERPROFILE goto die
if not defined LRP_HOME set "LRP_HOME=%USERPROFILE%\.llama-runner-pro"
:: Absolute, without a backslash at its end and without . and .. in between.
for %%p in ("%LRP_HOME%\.") do set "LRP_HOME=%%~fp"
for %%p in ("%LRP_HOME%") do set "DRIVE=%%~dp"
set "MSG=This folder is a whole disk or holds your profile: %LRP_HOME%"
set "HINT=LlamaRunner Pro needs a folder of its own, for uninstalling deletes below it."
if "%LRP_HOME:~3%"=="" goto die
set "ABOVE=%USERPROFILE%"
:next_above
if /i "%ABOVE%"=="%LRP_HOME%" goto die
for %%p in ("%ABOVE%\..") do set "UPPER=%%~fp"
if /i not "%UPPER%"=="%ABOVE%" (
  set "ABOVE=%UPPER%"
  goto next_above
)
set "DATA=%USERPROFILE%\.llama-runner-pro"
if defined LLAMA_RUNNER_PRO_HOME set "DATA=%LLAMA_RUNNER_PRO_HOME%"
set "BIN=%LRP_HOME%\bin"
set "SHIM=%LRP_HOME%\bin\llama-runner-pro.cmd"
set "CURRENT="
if exist "%LRP_HOME%\current.txt" set /p CURRENT=<"%LRP_HOME%\current.txt"
set "VARIANT=desktop"
if "%LRP_HEADLESS%"=="1" set "VARIANT=headless"
if not defined HEADLESS_ASKED if defined CURRENT if exist "%LRP_HOME%\versions\%CURRENT%\backend\%BACKEND_NAME%" set "VARIANT=headless"
exit /b 0

:print_config
set "SHOWN=%LRP_VERSION%"
if not defined SHOWN set "SHOWN=latest"
echo version=%SHOWN%
echo variant=%VARIANT%
echo target=windows-%ARCH%
echo dir="%LRP_HOME%"
echo data="%DATA%"
echo base_url="%LRP_BASE_URL%"
echo offline="%LRP_OFFLINE%"
echo service=%LRP_SERVICE%
echo require_signature=%LRP_REQUIRE_SIGNATURE%
echo installed=%CURRENT%
exit /b 0

:: --- Checks: all of them before anything is written ------------------------------------------------

:find_platform
set "MACHINE=%PROCESSOR_ARCHITECTURE%"
if defined PROCESSOR_ARCHITEW6432 set "MACHINE=%PROCESSOR_ARCHITEW6432%"
set "ARCH="
if /i "%MACHINE%"=="AMD64" set "ARCH=x64"
if /i "%MACHINE%"=="ARM64" set "ARCH=arm64"
if defined ARCH exit /b 0
set "MSG=There is no build for %MACHINE% processors (only x64 and arm64)."
set "HINT=With Python 3.11 or newer: pip install llama-runner-pro"
set "CODE=3"
goto die

:check_tools
set "CODE=4"
set "HINT=Windows 10 version 1803 and later bring curl, tar and certutil. Update Windows."
set "MSG=A tool is missing: %LRP_TAR%"
if not exist "%LRP_TAR%" goto die
set "MSG=A tool is missing: %LRP_CERTUTIL%"
if not exist "%LRP_CERTUTIL%" goto die
set "MSG=A tool is missing: %LRP_CURL%"
if "%SOURCE%"=="net" if not exist "%LRP_CURL%" goto die
exit /b 0

:: A folder that is there already must be ours, or hold nothing under our names.
:check_target
set "CODE=2"
set "HINT=Choose another folder with --dir, or move that away."
if not exist "%LRP_HOME%\receipt.json" for %%n in (versions bin current.txt previous.txt) do (
  if exist "%LRP_HOME%\%%n" (
    set "MSG=%%n was not put there by this installer: %LRP_HOME%"
    goto die
  )
)
set "NEAREST=%LRP_HOME%"
:next_nearest
if exist "%NEAREST%\" goto found_nearest
for %%p in ("%NEAREST%\..") do set "NEAREST=%%~fp"
goto next_nearest
:found_nearest
:: The number before the last word but one of the last line, in every language.
set "FREE="
for /f "usebackq tokens=3" %%f in (`dir /-c "%NEAREST%" 2^>nul`) do set "FREE=%%f"
for /f "delims=0123456789" %%x in ("%FREE%") do set "FREE="
if not defined FREE exit /b 0
set "FREE_MB=%FREE:~0,-6%"
if not defined FREE_MB set "FREE_MB=0"
set "MSG=%NEEDED_MB% MB are needed, %FREE_MB% MB are free: %NEAREST%"
set "HINT=Make room, or choose another disk with --dir."
set "CODE=7"
if %FREE_MB% LSS %NEEDED_MB% goto die
exit /b 0

:: --- Where releases come from ------------------------------------------------------------------------

:: Sets SOURCE: net, folder or file.
:choose_source
set "CODE=2"
set "HINT=It can be https://..., file:///C:/a/folder or C:\a\folder."
if defined LRP_OFFLINE (
  for %%p in ("%LRP_OFFLINE%") do set "LRP_OFFLINE=%%~fp"
  set "SOURCE=file"
  exit /b 0
)
set "MSG=Where are the releases? Name the place with --base-url, or use --offline."
if not defined LRP_BASE_URL goto die
if "%LRP_BASE_URL:~-1%"=="/" set "LRP_BASE_URL=%LRP_BASE_URL:~0,-1%"
set "SOURCE=net"
set "PROTOCOLS==https"
if /i "%LRP_BASE_URL:~0,8%"=="https://" exit /b 0
if /i "%LRP_BASE_URL:~0,7%"=="http://" goto only_this_computer
set "SOURCE=folder"
set "FOLDER=%LRP_BASE_URL%"
if /i "%LRP_BASE_URL:~0,8%"=="file:///" set "FOLDER=%LRP_BASE_URL:~8%"
set "FOLDER=%FOLDER:/=\%"
set "MSG=--base-url names no folder: %LRP_BASE_URL%"
if "%FOLDER:~1,2%"==":\" exit /b 0
if "%FOLDER:~0,2%"=="\\" exit /b 0
goto die

:: Exactly a loopback name: not 127.0.0.1.example.org, nor 127.0.0.1@example.org.
:only_this_computer
set "PROTOCOLS==http,https"
set "HOST="
for /f "tokens=2 delims=/" %%h in ("%LRP_BASE_URL%") do set "HOST=%%h"
set "MSG=Without encryption, releases may come from this computer only: %LRP_BASE_URL%"
if not "%HOST%"=="%HOST:@=%" goto die
for /f "delims=:" %%h in ("%HOST%") do set "HOST=%%h"
if /i "%HOST%"=="127.0.0.1" exit /b 0
if /i "%HOST%"=="localhost" exit /b 0
goto die

:: Sets ADDRESS of FILE. A GitHub project keeps each release in a folder of its own.
:address
set "ADDRESS=%LRP_BASE_URL%/%FILE%"
if /i not "%LRP_BASE_URL:~0,19%"=="https://github.com/" exit /b 0
if /i not "%LRP_BASE_URL:~-9%"=="/releases" exit /b 0
set "ADDRESS=%LRP_BASE_URL%/download/v%VERSION%/%FILE%"
if "%FILE%"=="latest.txt" set "ADDRESS=%LRP_BASE_URL%/latest/download/%FILE%"
exit /b 0

:: FILE of the release comes into the present folder. The exit code tells.
:fetch
if "%SOURCE%"=="file" (
  for %%p in ("%LRP_OFFLINE%") do copy /y "%%~dpp%FILE%" "%FILE%" >nul
  if not exist "%FILE%" exit /b 1
  exit /b 0
)
if "%SOURCE%"=="folder" (
  copy /y "%FOLDER%\%FILE%" "%FILE%" >nul
  if not exist "%FILE%" exit /b 1
  exit /b 0
)
call :address
call "%LRP_CURL%" --proto "%PROTOCOLS%" --proto-redir "=https" --tlsv1.2 -fsSL --retry 3 --connect-timeout 15 -C - -o "%FILE%" "%ADDRESS%"
if "%errorlevel%"=="%LRP_ENDED_BY_CTRL_C%" exit /b 130
if not "%errorlevel%"=="0" exit /b 1
if not exist "%FILE%" exit /b 1
exit /b 0

:choose_version
if "%SOURCE%"=="file" goto name_from_file
set "VERSION=%LRP_VERSION%"
if "%VERSION%"=="latest" set "VERSION="
if defined VERSION goto have_version
set "FILE=latest.txt"
call :address
if "%SOURCE%"=="folder" for /f "usebackq delims=" %%v in ("%FOLDER%\latest.txt") do set "VERSION=%%v"
if "%SOURCE%"=="net" for /f "usebackq delims=" %%v in (`call "%LRP_CURL%" --proto "%PROTOCOLS%" --proto-redir "=https" --tlsv1.2 -fsSL --connect-timeout 15 "%ADDRESS%"`) do set "VERSION=%%v"
set "MSG=Could not learn which version is the newest: %ADDRESS%"
set "HINT=Check the connection and the proxy (https_proxy), or name one with --version."
set "CODE=5"
if not defined VERSION goto die
:have_version
call :is_version
set "MSG=That is not a version such as 1.4.0."
set "HINT=Name one with --version."
set "CODE=2"
if not defined LRP_VERSION set "CODE=6"
if not defined IS_VERSION goto die
set "ARCHIVE=llama-runner-pro-%VERSION%-windows-%ARCH%.zip"
if "%VARIANT%"=="headless" set "ARCHIVE=llama-runner-pro-headless-%VERSION%-windows-%ARCH%.zip"
exit /b 0

:: A version becomes part of paths and addresses. Three numbers, then perhaps letters after - or .
:is_version
set "IS_VERSION="
if not "%VERSION%"=="%VERSION:"=%" exit /b 1
for /f "delims=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-" %%x in ("%VERSION%") do exit /b 1
if not "%VERSION:..=%"=="%VERSION%" exit /b 1
set "FIRST="
set "SECOND="
set "THIRD="
for /f "tokens=1-3 delims=.-" %%a in ("%VERSION%") do (
  set "FIRST=%%a"
  set "SECOND=%%b"
  set "THIRD=%%c"
)
if not defined THIRD exit /b 1
for /f "delims=0123456789" %%x in ("%FIRST%%SECOND%%THIRD%") do exit /b 1
set "IS_VERSION=1"
if "%VERSION%"=="%FIRST%.%SECOND%.%THIRD%" exit /b 0
:: What follows the three numbers begins with - or . and is not empty.
set "IS_VERSION="
for /f "tokens=4* delims=.-" %%a in ("%VERSION%") do set "IS_VERSION=1"
exit /b 0

:: The name says what is in the file; a renamed file has no line in SHA256SUMS anyway.
:name_from_file
for %%p in ("%LRP_OFFLINE%") do set "ARCHIVE=%%~nxp"
set "MSG=This is not a release archive for windows-%ARCH%: %LRP_OFFLINE%"
set "HINT="
set "CODE=2"
set "VARIANT=desktop"
set "VERSION=%ARCHIVE%"
if not "%ARCHIVE:~0,17%"=="llama-runner-pro-" goto die
set "VERSION=%ARCHIVE:~17%"
if "%ARCHIVE:~0,26%"=="llama-runner-pro-headless-" (
  set "VARIANT=headless"
  set "VERSION=%ARCHIVE:~26%"
)
set "TAIL=-windows-%ARCH%.zip"
if "%ARCH%"=="x64" if not "%VERSION:~-16%"=="%TAIL%" goto die
if "%ARCH%"=="arm64" if not "%VERSION:~-18%"=="%TAIL%" goto die
if "%ARCH%"=="x64" set "VERSION=%VERSION:~0,-16%"
if "%ARCH%"=="arm64" set "VERSION=%VERSION:~0,-18%"
call :is_version
if not defined IS_VERSION goto die
set "MSG=There is no such file: %LRP_OFFLINE%"
set "CODE=5"
if not exist "%LRP_OFFLINE%" goto die
exit /b 0

:plan
set "MSG=Would install LlamaRunner Pro %VERSION% (%VARIANT%, windows-%ARCH%) into %LRP_HOME%"
call :say
if "%LRP_NO_MODIFY_PATH%"=="0" set "MSG=Would add it to the PATH."
if "%LRP_NO_MODIFY_PATH%"=="0" call :say
set "MSG=Nothing was written."
call :say
exit /b 0

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

:: --- The PATH of this user, in the registry ----------------------------------------------------------

:: Never by setx: it cuts long values and mixes in the system's. The value is copied by the registry
:: itself wherever that will do. As text it is only ever put in whole, as !PATH_NOW!, which no cmd.exe
:: reads again; and before that, this very value is proven to survive the way through text.

:: Reads KEY's Path. Sets TYPE_%SLOT%, nothing when there is none, and PATH_%SLOT%.
:read_path
set "TYPE_%SLOT%="
set "PATH_%SLOT%="
for /f "usebackq tokens=1,2*" %%a in (`"%REG%" query %KEY% /v Path 2^>nul`) do (
  if /i "%%a"=="Path" set "TYPE_%SLOT%=%%b"
  if /i "%%a"=="Path" set "PATH_%SLOT%=%%c"
)
exit /b 0

:: Sets IS_THERE when the user's PATH, read into PATH_NOW, names our folder.
:look_for_us
set "KEY=%ENVIRONMENT%"
set "SLOT=NOW"
call :read_path
set "IS_THERE="
if not defined PATH_NOW exit /b 0
>"%WORK%\path.txt" set PATH_NOW
"%SystemRoot%\System32\find.exe" "%BIN%" "%WORK%\path.txt" >nul 2>&1
if not errorlevel 1 set "IS_THERE=1"
exit /b 0

:: The registry copies the user's Path into KEY, alone there, and writes a file that keeps it.
:back_up_path
"%REG%" delete %KEY% /f >nul 2>&1
"%REG%" copy %ENVIRONMENT% %KEY% /f >nul 2>&1
if errorlevel 1 "%REG%" add %KEY% /f >nul 2>&1
"%REG%" delete %KEY% /ve /f >nul 2>&1
set "BAD="
set "DROP=1"
call :other_values
set "DROP="
call :other_values
if defined BAD exit /b 1
if not defined TYPE_NOW exit /b 0
set "BACKUP=%TEMP%\llama-runner-pro-path.%RANDOM%%RANDOM%.reg"
"%REG%" export %KEY% "%BACKUP%" /y >nul 2>&1
if not exist "%BACKUP%" exit /b 1
set "MSG=Your PATH as it was: %BACKUP%"
call :note
set "MSG=To get it back: reg import that file, then reg copy %KEY% %ENVIRONMENT% /f"
call :note
exit /b 0

:: Drops KEY's values but Path, or sets BAD when there are some.
:other_values
for /f "usebackq tokens=1,2" %%a in (`"%REG%" query %KEY% 2^>nul`) do (
  set "NAME=%%a"
  set "KIND=%%b"
  call :other_value
)
exit /b 0
:other_value
if not defined KIND exit /b 0
if /i "%NAME%"=="Path" exit /b 0
if defined DROP "%REG%" delete %KEY% /v "%NAME%" /f >nul 2>&1
if not defined DROP set "BAD=1"
exit /b 0

:: Writes PATH_NOW and APPENDED as KEY's Path, of the type TYPE.
:write_path
if not "%TYPE%"=="REG_SZ" if not "%TYPE%"=="REG_EXPAND_SZ" exit /b 1
cd /d "%WORK%"
set "LAST=%PATH_NOW:~-1%"
"%SystemRoot%\System32\find.exe" """" path.txt >nul 2>&1
set "QUOTED=%errorlevel%"
setlocal EnableDelayedExpansion
:: What reg.exe would take for the end of the value: a quotation mark, and a backslash before one.
if "%QUOTED%"=="0" set "PATH_NOW=!PATH_NOW:\"=\\"!"
if "%QUOTED%"=="0" set "PATH_NOW=!PATH_NOW:"=\"!"
if not defined APPENDED if "!LAST!"=="\" set "APPENDED=\"
if not defined PATH_NOW goto write_appended
if not defined APPENDED goto write_now
"%REG%" add %KEY% /v Path /t %TYPE% /d "!PATH_NOW!!APPENDED!" /f >nul 2>&1
endlocal & exit /b %errorlevel%
:write_now
"%REG%" add %KEY% /v Path /t %TYPE% /d "!PATH_NOW!" /f >nul 2>&1
endlocal & exit /b %errorlevel%
:write_appended
"%REG%" add %KEY% /v Path /t %TYPE% /d "!APPENDED!" /f >nul 2>&1
endlocal & exit /b %errorlevel%

:: Fails unless KEY's copy is the same, byte for byte, after PATH_NOW was written in its place.
:prove_path
cd /d "%WORK%"
"%REG%" export %KEY% before.reg /y >nul 2>&1
"%REG%" delete %KEY% /v Path /f >nul 2>&1
set "APPENDED="
if defined PATH_NOW call :write_path
if not defined PATH_NOW "%REG%" add %KEY% /v Path /t %TYPE% /d "" /f >nul 2>&1
if errorlevel 1 exit /b 1
"%REG%" export %KEY% after.reg /y >nul 2>&1
set "SUMMED=before.reg"
call :take_sum
set "FIRST_SUM=%ACTUAL%"
set "SUMMED=after.reg"
call :take_sum
if not defined ACTUAL exit /b 1
if not "%ACTUAL%"=="%FIRST_SUM%" exit /b 1
exit /b 0

:: setx tells running programs that the environment has changed; its own value is not kept.
:announce_path
"%SystemRoot%\System32\setx.exe" LlamaRunnerProChanged 1 >nul 2>&1
"%REG%" delete %ENVIRONMENT% /v LlamaRunnerProChanged /f >nul 2>&1
exit /b 0

:add_to_path
if "%LRP_NO_MODIFY_PATH%"=="1" exit /b 0
call :look_for_us
if defined IS_THERE exit /b 0
set "MSG=The PATH was left alone; add this folder to it yourself: %BIN%"
:: Such names mean something else inside of a PATH.
for /f "tokens=2 delims=;%%" %%x in ("-%BIN%-") do goto say
set "KEY=%FORMER%"
call :back_up_path
if errorlevel 1 goto leave_path
set "TYPE=%TYPE_NOW%"
if not defined TYPE set "TYPE=REG_EXPAND_SZ"
call :no_error
if defined TYPE_NOW call :prove_path
if errorlevel 1 goto leave_path
set "LAST=%PATH_NOW:~-1%"
if not defined PATH_NOW set "LAST=;"
call :choose_appended
set "KEY=%ENVIRONMENT%"
call :write_path
if errorlevel 1 goto put_path_back
set "SLOT=NEW"
call :read_path
call :is_appended
if not errorlevel 1 goto announce_path
:put_path_back
if defined TYPE_NOW "%REG%" copy %FORMER% %ENVIRONMENT% /f >nul 2>&1
if not defined TYPE_NOW "%REG%" delete %ENVIRONMENT% /v Path /f >nul 2>&1
:leave_path
"%REG%" delete %FORMER% /f >nul 2>&1
set "MSG=The PATH was left alone, for changing it could not be proven safe. Add this folder yourself: %BIN%"
goto say

:: Sets APPENDED: what is written behind a PATH whose LAST sign that is.
:choose_appended
setlocal EnableDelayedExpansion
if "!LAST!"==";" goto append_bare
endlocal
set "APPENDED=;%BIN%"
exit /b 0
:append_bare
endlocal
set "APPENDED=%BIN%"
exit /b 0

:: Whether PATH_NEW is PATH_NOW with APPENDED behind it.
:is_appended
setlocal EnableDelayedExpansion
if defined PATH_NOW if "!PATH_NEW!"=="!PATH_NOW!!APPENDED!" goto is_yes
if not defined PATH_NOW if "!PATH_NEW!"=="!APPENDED!" goto is_yes
endlocal & exit /b 1
:is_yes
endlocal & exit /b 0

:remove_from_path
call :look_for_us
if not defined IS_THERE goto forget_path
:: What was written at the installation, unless somebody has changed it since.
call :read_former
call :is_appended
if errorlevel 1 goto take_out
set "KEY=%PRESENT_PATH%"
set "TYPE_NOW=%TYPE_NEW%"
call :back_up_path
"%REG%" delete %KEY% /f >nul 2>&1
if defined TYPE_FORMER "%REG%" copy %FORMER% %ENVIRONMENT% /f >nul 2>&1
if not defined TYPE_FORMER "%REG%" delete %ENVIRONMENT% /v Path /f >nul 2>&1
call :announce_path
:forget_path
"%REG%" delete %FORMER% /f >nul 2>&1
exit /b 0

:: The user's Path becomes PATH_NEW, the former one PATH_NOW; sets APPENDED.
:read_former
set "SLOT=NEW"
call :read_path
set "KEY=%FORMER%"
set "SLOT=NOW"
call :read_path
set "TYPE_FORMER=%TYPE_NOW%"
set "LAST=%PATH_NOW:~-1%"
if not defined PATH_NOW set "LAST=;"
goto choose_appended

:: Somebody else has changed the PATH since: our entry is cut out of the text.
:take_out
call :look_for_us
set "MSG=Take this folder out of your PATH yourself; the PATH was changed since the installation: %BIN%"
cd /d "%WORK%"
"%SystemRoot%\System32\find.exe" """" path.txt >nul 2>&1
if not errorlevel 1 goto leave_entry
set "COPIED=%PATH_NOW%"
call :is_copied
if errorlevel 1 goto leave_entry
set "KEY=%FORMER%"
call :back_up_path
if errorlevel 1 goto leave_entry
set "TYPE=%TYPE_NOW%"
call :prove_path
if errorlevel 1 goto leave_entry
call :without_us
set "PATH_NOW=%REST_PATH%"
set "APPENDED="
set "KEY=%ENVIRONMENT%"
if not defined PATH_NOW "%REG%" delete %KEY% /v Path /f >nul 2>&1
if defined PATH_NOW call :write_path
call :announce_path
goto forget_path

:leave_entry
call :say
goto forget_path

:is_copied
setlocal EnableDelayedExpansion
if "!COPIED!"=="!PATH_NOW!" goto is_yes
endlocal & exit /b 1

:: Sets REST_PATH, which is PATH_NOW without our folder; it holds no quotation mark.
:without_us
set "REST_PATH="
set "REST=%PATH_NOW%;"
:next_entry
set "ENTRY="
if not "%REST:~0,1%"==";" for /f "delims=;" %%e in ("%REST%") do set "ENTRY=%%e"
set "REST=%REST:*;=%"
if /i not "%ENTRY%"=="%BIN%" set "REST_PATH=%REST_PATH%;%ENTRY%"
if defined REST goto next_entry
if defined REST_PATH set "REST_PATH=%REST_PATH:~1%"
exit /b 0

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
