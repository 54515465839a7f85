
# --- What runs ---------------------------------------------------------------------------------

# Sets RUN_PID: the sidecar of the data folder, or nothing.
find_running() {
  RUN_PID=''
  presence=$DATA_HOME/run/sidecar.json
  [ -r "$presence" ] || return 0
  found=$(sed -n 's/.*"pid": *\([0-9][0-9]*\).*/\1/p' "$presence")
  [ -n "$found" ] && kill -0 "$found" 2>/dev/null && RUN_PID=$found
  return 0
}

# Sets RUN_MODE: none, foreign (not put here by us), service, desktop or plain; and RUN_NAME, the
# folder of its version. What a killed run stopped and nobody started counts as running.
note_running() {
  RUN_MODE=none RUN_NAME=''
  find_running
  if [ -z "$RUN_PID" ]; then
    RUN_MODE=$(promised_mode)
    return
  fi
  run_line=$(sh -c "$SERVING_WORDS" serving "$DATA_HOME")
  versions=$(real_folder "$LRP_HOME")/versions/
  case $run_line in
    *"$versions"*) ;;
    *)
      RUN_MODE=foreign
      return
      ;;
  esac
  RUN_NAME=${run_line#*"$versions"}
  RUN_NAME=${RUN_NAME%%/*}
  case $run_line in
    *' --desktop'*) RUN_MODE=desktop ;;
    *) RUN_MODE=plain ;;
  esac
  ! service_is_active || RUN_MODE=service
}

# systemd restarts in one step, which it ends even if we are gone.
restarts_in_one_step() {
  [ "$RUN_MODE" = service ] && [ "$OS_WORD" = linux ]
}

# stop_running PROGRAM: through the program's own command, which proves whom it stops.
stop_running() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  if restarts_in_one_step; then
    systemctl --user stop "$SERVICE" >&2
  fi
  RESTART_DUE=1
  if ! "$1" stop --timeout-s 15 >"$WORK/stopped" 2>&1; then
    sed 's/^/       /' "$WORK/stopped" >&2
    RESTART_DUE=0
    rm -f "$RESUME"
    die "$EXIT_RUNNING" "The running LlamaRunner Pro (process $RUN_PID) did not stop." \
      "Nothing was changed. End it, then try again."
  fi
}

# Starts what ran before, the way it ran, from the version that is current now.
start_again() {
  RESTART_DUE=0 STARTED_PID=''
  if restarts_in_one_step; then
    note_started later
    systemctl --user restart "$SERVICE" >&2
    return
  fi
  [ -f "$RESUME" ] || return 0
  if [ "$RUN_MODE" = desktop ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] &&
    [ "$OS_WORD" = linux ]; then
    warn "The window was closed for this, and cannot be opened from here; open it from the menu."
    return
  fi
  detached / sh -c "$(cat "$RESUME")"
  # launchd's own command has done its part when it ends.
  [ "$RUN_MODE" != service ] || STARTED_PID=''
  note_started "${STARTED_PID:-later}"
}

# detached FOLDER PROGRAM...: outlives us and our terminal. Sets STARTED_PID.
detached() {
  started_in=$1
  shift
  (umask 077 && mkdir -p "$DATA_HOME/logs")
  apart='nohup'
  ! have setsid || apart='setsid nohup'
  (
    # At our end these are ignored, and who is started then would ignore them for ever.
    trap - INT TERM HUP PIPE
    own_locale
    cd "$started_in" || cd /
    # shellcheck disable=SC2086 # two words
    exec $apart "$@"
  ) >>"$DATA_HOME/logs/started.log" 2>&1 </dev/null &
  STARTED_PID=$!
}

# Whether the sidecar that we started answers; asks until it does, it ends, or 40 s are over.
answers() {
  until_s=$(($(now_s) + 40))
  while [ "$(now_s)" -lt "$until_s" ]; do
    find_running
    if [ -n "$RUN_PID" ]; then
      "$LAUNCHER" status >/dev/null 2>&1
      # 69 is the program's word for: nothing runs. 0 and 1 are answers.
      [ $? -ne 69 ] && return 0
    fi
    [ -z "$STARTED_PID" ] || kill -0 "$STARTED_PID" 2>/dev/null || return 1
    nap
  done
  return 1
}

# --- The switch ----------------------------------------------------------------------------------

# Whether what is current now does its work: with what ran before, or by its version alone.
works() {
  case $RUN_MODE in
    plain | service)
      start_again && answers
      ;;
    *)
      [ "$("$LAUNCHER" version 2>/dev/null)" = "llama-runner-pro ${1%%~*}" ] || return 1
      start_again
      ;;
  esac
}

# activate NAME: makes a version current; goes back by itself when that does not work.
activate() {
  before=$(current_name)
  note_running
  if [ "$before" = "$1" ]; then
    catch_up "$1"
    return
  fi
  earlier=$(cat "$LRP_HOME/previous.txt" 2>/dev/null) || earlier=''
  pause_running "${before:-$1}" "$before" "$earlier"
  # Before the switch: a kill right after it must not leave the way back unknown.
  note_previous "$before"
  UNPROVEN=1
  swap "$1" || {
    UNPROVEN=0
    note_previous "$earlier"
    die "$EXIT_SPACE" "Could not switch to version ${1%%~*}." "Is the disk full?"
  }
  prove "$1" || go_back "$1"
}

# prove NAME: whether it works. Whatever interrupts this leaves the promise to its watcher.
prove() {
  UNPROVEN=1
  works "$1" || return 1
  UNPROVEN=0
  rm -f "$RESUME"
}

# catch_up NAME: it is current, but a run that was killed left another version running, or nothing.
catch_up() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  [ "$RUN_NAME" != "$1" ] || return 0
  before=$RUN_NAME earlier=''
  pause_running "$1" "$before" ''
  ! prove "$1" || return 0
  [ -z "$before" ] || go_back "$1"
  UNPROVEN=0
  rm -f "$RESUME"
  warn "What ran before did not start again; see $DATA_HOME/logs/started.log"
}

# pause_running NAME BEFORE EARLIER: stops what runs, by the program of the version NAME, with a
# promise to make the versions BEFORE and EARLIER what they were.
pause_running() {
  promise "$2" "$3"
  restarts_in_one_step || stop_running "$(backend_in "$LRP_HOME/versions/$1")"
}

note_previous() {
  if [ -n "$1" ]; then
    printf '%s\n' "$1" | put "$LRP_HOME/previous.txt"
  else
    rm -f "$LRP_HOME/previous.txt"
  fi
}

# go_back NAME: from a version that does not work. Never returns.
go_back() {
  [ -z "$STARTED_PID" ] || kill "$STARTED_PID" 2>/dev/null
  if [ -z "$before" ]; then
    UNPROVEN=0
    rm -f "$LRP_HOME/current" "$RESUME"
    die "$EXIT_UNPACK" "Version ${1%%~*} was installed and does not work." "It was removed again."
  fi
  warn "Version ${1%%~*} does not work here; going back to ${before%%~*}."
  swap "$before" && start_again
  note_previous "$earlier"
  case $RUN_MODE in
    plain | service) answers || warn "Version ${before%%~*} did not start again either." ;;
  esac
  rm -rf "$LRP_HOME/versions/$1"
  UNPROVEN=0
  rm -f "$RESUME"
  die "$EXIT_ROLLED_BACK" "Version ${1%%~*} did not work and was removed; ${before%%~*} is back." \
    "What it said: $DATA_HOME/logs/started.log"
}

# The current version and the one before stay.
prune() {
  kept=$(cat "$LRP_HOME/previous.txt" 2>/dev/null) || kept=''
  for old in "$LRP_HOME"/versions/*; do
    case ${old##*/} in
      "$(current_name)" | "$kept") ;;
      *) rm -rf "$old" ;;
    esac
  done
}

# place: the unpacked version gets its folder. A name that is taken may be in use, so it gets ~2.
place() {
  NAME=$VERSION
  number=2
  while [ -e "$LRP_HOME/versions/$NAME" ]; do
    NAME=$VERSION~$number
    number=$((number + 1))
  done
  mv "$UNPACKED" "$LRP_HOME/versions/$NAME" ||
    die "$EXIT_SPACE" "Could not move version $VERSION into place." "Nothing was changed."
}

# --- The receipt: what is here, and what was made outside ----------------------------------------

receipt_value() {
  sed -n "s/^  \"$1\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" "$RECEIPT" 2>/dev/null
}

write_receipt() {
  receipt_version=$(current_name)
  {
    printf '{\n  "format": 1,\n  "version": "%s",\n' "${receipt_version%%~*}"
    printf '  "variant": "%s",\n  "target": "%s",\n' "$VARIANT" "$OS_WORD-$ARCH_WORD"
    printf '  "modify_path": "%s",\n' "$(yes_or_no "$LRP_NO_MODIFY_PATH")"
    printf '  "menu": "%s",\n' "$(yes_or_no "$LRP_NO_DESKTOP")"
    printf '  "home": "%s",\n  "created": [' "$(backslashed "$LRP_HOME")"
    sort -u "$WORK/created" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/    "&"/' |
      awk '{ printf "%s\n%s", (NR > 1 ? "," : ""), $0 } END { if (NR) printf "\n  " }'
    printf ']\n}\n'
  } | put "$RECEIPT" 600
}

# The switches say what to leave alone, the receipt what was done.
yes_or_no() {
  if [ "$1" = 1 ]; then echo no; else echo yes; fi
}

# What earlier runs made outside the folder, one path a line.
read_created() {
  [ -r "$RECEIPT" ] || return 0
  sed -n '/^  "created": \[/,/^  \]/s/^    "\(.*\)",\{0,1\}$/\1/p' "$RECEIPT" |
    sed -e 's/\\"/"/g' -e 's/\\\\/\\/g'
}

remember() {
  printf '%s\n' "$1" >>"$WORK/created"
}

# make_folder PATH: with its parents; those that were not there are remembered.
make_folder() {
  [ ! -d "$1" ] || return 0
  make_folder_parent=${1%/*}
  [ -z "$make_folder_parent" ] || (make_folder "$make_folder_parent") || return 1
  mkdir "$1" && remember "$1"
}
