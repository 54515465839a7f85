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
