
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
