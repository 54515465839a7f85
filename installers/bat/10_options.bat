
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
