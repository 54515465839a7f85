# A user of the Windows of these tests: setup_suite.bash makes that, with the tools that it lacks.

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
source "$REPOSITORY/tests/installers/assertions.bash"
source "$BATS_TEST_DIRNAME/server.bash"
# Only what hangs takes that long, in seconds; loaded computers are slow.
PATIENCE_S=1200

wine_setup() {
  export RELEASES="$BATS_TEST_TMPDIR/releases"
  mkdir -p "$RELEASES"
  at_home "user$BATS_SUITE_TEST_NUMBER"
  for name in $(env | sed -n 's/^\(LRP_[A-Z_]*\)=.*/\1/p') LLAMA_RUNNER_PRO_HOME; do unset "$name"; done
  # What changes the PATH takes its time, and has tests of its own.
  export LRP_NO_MODIFY_PATH=1 TEMPORARY="$BATS_TEST_TMPDIR/temporary"
  mkdir -p "$TEMPORARY"
  export LRP_BASE_URL="Z:${RELEASES//\//\\}"
  export LRP_CURL="Z:${TOOLS//\//\\}\\curl.cmd" LRP_TAR="Z:${TOOLS//\//\\}\\tar.cmd"
  export LRP_CERTUTIL="Z:${TOOLS//\//\\}\\certutil.cmd" TOOLS_LOG="$BATS_TEST_TMPDIR/tools.log"
}

wine_teardown() {
  [ -z "${SERVER:-}" ] || kill "$SERVER" || true
  # A fake sidecar ends when its note is gone.
  rm -f "$HOME_FOLDER"/.llama-runner-pro/run/sidecar.json
}

# at_home NAME: the profile of a user of that name.
at_home() {
  HOME_FOLDER="$WINEPREFIX/drive_c/users/$1"
  WINDOWS_HOME="C:\\users\\$1"
  mkdir -p "$HOME_FOLDER"
  ROOT_DIR=$HOME_FOLDER/.llama-runner-pro
}

# release VERSION [VARIANT] [FAULT]
release() {
  local top=llama-runner-pro-$1 folder
  [ "${2:-headless}" = desktop ] || top=llama-runner-pro-headless-$1
  folder=$BATS_TEST_TMPDIR/tree/$top/backend
  [ "${2:-headless}" = headless ] || folder=$BATS_TEST_TMPDIR/tree/$top/resources/backend
  rm -rf "$BATS_TEST_TMPDIR/tree"
  mkdir -p "$folder/_internal"
  echo "$1 ${3:-}" >"$folder/fake.txt"
  cp "$TOOLS/backend.exe" "$folder/llama-runner-pro-backend.exe"
  [ "${2:-headless}" = headless ] ||
    cp "$TOOLS/backend.exe" "$BATS_TEST_TMPDIR/tree/$top/llama-runner-pro.exe"
  ARCHIVE=$top-windows-x64.zip
  rm -f "$RELEASES/$ARCHIVE"
  (cd "$BATS_TEST_TMPDIR/tree" && zip -qr "$RELEASES/$ARCHIVE" "$top")
  sum
  echo "$1" >"$RELEASES/latest.txt"
}

# The present archive's line in SHA256SUMS.
sum() {
  touch "$RELEASES/SHA256SUMS"
  sed -i "/ $ARCHIVE\$/d" "$RELEASES/SHA256SUMS"
  (cd "$RELEASES" && sha256sum "$ARCHIVE") >>"$RELEASES/SHA256SUMS"
}

# install ARGUMENTS: of cmd.exe, quotes included. Its exit code is this one's.
install() {
  local script="$REPOSITORY/installers/install.bat"
  printf '%s\r\n' '@echo off' "set \"USERPROFILE=$WINDOWS_HOME\"" \
    "set \"APPDATA=$WINDOWS_HOME\\AppData\"" "set \"TEMP=Z:${TEMPORARY//\//\\}\"" \
    "cmd /d /c \"\"Z:${SCRIPT:-$script}\" $*\"" 'exit /b %errorlevel%' |
    iconv -f UTF-8 -t CP437 >"$BATS_TEST_TMPDIR/run.bat"
  local said="$BATS_TEST_TMPDIR/said" code=0
  # Not into a pipe: what is started in the background would keep it open.
  timeout "$PATIENCE_S" wine cmd /c "Z:${BATS_TEST_TMPDIR//\//\\}\\run.bat" </dev/null >"$said" 2>&1 3>&- ||
    code=$?
  # Rarely, wine does not find its own cmd.exe for a `for /f`: no Windows to try anything on. The
  # script has refused then, so that it can be run once more.
  if grep -aq "^Can't recognize 'CMD.EXE /C" "$said" && [ -z "${ONCE_MORE:-}" ]; then
    ONCE_MORE=1 install "$@"
    return
  fi
  tr -d '\r' <"$said"
  return "$code"
}

# in_windows COMMAND: a line of a .bat file.
in_windows() {
  printf '%s\r\n' '@echo off' "set \"USERPROFILE=$WINDOWS_HOME\"" "$1" >"$BATS_TEST_TMPDIR/line.bat"
  timeout "$PATIENCE_S" wine cmd /c "Z:${BATS_TEST_TMPDIR//\//\\}\\line.bat" </dev/null >/dev/null 2>&1 3>&-
}

# at_server: releases come from a web server, which notes what it is asked for.
at_server() {
  python3 "$BATS_TEST_DIRNAME/../web_server.py" "$RELEASES" "$BATS_TEST_TMPDIR/requests" \
    >"$BATS_TEST_TMPDIR/port" 3>&- &
  SERVER=$!
  eventually test -s "$BATS_TEST_TMPDIR/port"
  export LRP_BASE_URL="http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/port")"
}

# typed ARGUMENTS: what the installed command says.
typed() {
  local said="$BATS_TEST_TMPDIR/typed"
  printf '%s\r\n' '@echo off' "set \"TEMP=Z:${TEMPORARY//\//\\}\"" \
    "call \"$WINDOWS_HOME\\.llama-runner-pro\\bin\\llama-runner-pro.cmd\" $*" >"$said.bat"
  timeout "$PATIENCE_S" wine cmd /c "Z:${said//\//\\}.bat" </dev/null >"$said" 2>&1 3>&- || true
  tr -d '\r' <"$said"
}

registry() {
  wine reg "$1" 'HKCU\Environment' "${@:2}" 3>&- | tr -d '\r'
}

# The user's PATH as it is in the registry, with its type.
path_entry() {
  registry query /v Path 2>/dev/null | sed -n 's/^ *Path  *//p'
}

current() {
  tr -d '\r\n' <"$ROOT_DIR/current.txt"
}

served() {
  tr -d '\r' <"$ROOT_DIR/run/served" 2>/dev/null
}

# has_served LINES: exactly these began to serve, one after the other.
has_served() {
  [ "$(served)" = "$1" ]
}

last_served() {
  [ "$(served | tail -n 1)" = "$1" ]
}

# Every process of this Windows that belongs to a run of install.bat.
installer_processes() {
  local folder
  for folder in /proc/[0-9]*; do
    grep -qsz "^WINEPREFIX=$WINEPREFIX$" "$folder/environ" || continue
    ! tr '\0' ' ' 2>/dev/null <"$folder/cmdline" |
      grep -qiE 'install\.bat|run\.bat|backend|certutil|tar\.cmd|^ping .*127' || echo "${folder#/proc/}"
  done
}

# Process N is gone, or only waits for somebody to learn of its end.
has_ended() {
  ! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

# kill_installer: all at once. Who is left for a moment would see the end of another one and go on,
# so all of them stand still first, and so do those that were being started meanwhile.
kill_installer() {
  local found='' now id
  while now=$(installer_processes) && [ "$now" != "$found" ]; do
    found=$now
    # shellcheck disable=SC2086 # one word each
    kill -STOP $found 2>/dev/null || true
  done
  [ -n "$found" ] || return 1
  # shellcheck disable=SC2086
  kill -KILL $found 2>/dev/null || true
  for id in $found; do eventually has_ended "$id"; done
}

hangs_or_ended() {
  [ -e "$TEMPORARY/hanging" ] || has_ended "$1"
}

# killed_at COMMAND...: runs it in the background and kills it when something hangs on purpose.
killed_at() {
  rm -f "$TEMPORARY/hanging"
  "$@" >"$BATS_TEST_TMPDIR/killed" 2>&1 3>&- &
  local running=$!
  eventually hangs_or_ended "$running"
  [ -e "$TEMPORARY/hanging" ] || { cat "$BATS_TEST_TMPDIR/killed"; return 1; }
  kill_installer
  rm -f "$TEMPORARY/hanging"
  wait "$running" || true
}
