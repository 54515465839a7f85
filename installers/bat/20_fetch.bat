
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
