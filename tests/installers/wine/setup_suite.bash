# One Windows for all of these tests: its first start takes longer than most of them.

setup_suite() {
  local tests
  tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  export WINEPREFIX="$BATS_SUITE_TMPDIR/wine" WINEDEBUG=-all WINEARCH=win64 DISPLAY=
  # Names of files are UTF-8 here, and of code page 437 in a .bat file there.
  export LC_ALL=C.UTF-8 TOOLS="$BATS_SUITE_TMPDIR/tools"
  mkdir -p "$WINEPREFIX" "$TOOLS"
  source "$tests/server.bash"
  wineboot --init </dev/null >/dev/null 2>&1 3>&-
  # The services of the first start end with their server; there would be two of each.
  wineserver -w
  begin_windows
  cp "$tests/windows_tools.py" "$TOOLS/tools.exe"
  chmod +x "$TOOLS/tools.exe"
  local tool
  for tool in curl tar certutil minisign; do
    printf '%s\r\n' '@echo off' 'if exist "%~dp0done.cmd" del /q "%~dp0done.cmd"' \
      "\"%~dp0tools.exe\" $tool %*" ':wait' 'ping -n 1 127.0.0.1 >nul 2>&1' \
      'if not exist "%~dp0done.cmd" goto wait' 'call "%~dp0done.cmd"' \
      >"$TOOLS/$tool.cmd"
  done
  sed 's/$/\r/' "$tests/fake_backend.bat" >"$TOOLS/backend.bat"
  python3 "$tests/starter.py" "$TOOLS/backend.exe" "Z:${TOOLS//\//\\}\\backend.bat"
}

# Ends this Windows and no other one.
teardown_suite() {
  end_windows
}
