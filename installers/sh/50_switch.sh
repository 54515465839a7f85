
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

# What process N was started with, in one line.
arguments_of() {
  if [ -r "/proc/$1/cmdline" ]; then
    tr '\0' ' ' <"/proc/$1/cmdline"
  else
    ps -o args= -p "$1" 2>/dev/null
  fi
}

# Sets RUN_MODE: none, foreign (not put here by us), service, desktop, or plain with RUN_WORDS and
# RUN_FOLDER to start it again just as it was.
note_running() {
  RUN_MODE=none RUN_WORDS='' RUN_FOLDER=$HOME
  find_running
  [ -n "$RUN_PID" ] || return 0
  run_line=$(arguments_of "$RUN_PID")
  case $run_line in
    *"$(real_folder "$LRP_HOME")/versions/"*) ;;
    *)
      RUN_MODE=foreign
      return
      ;;
  esac
  case $run_line in
    *' --desktop'*) RUN_MODE=desktop ;;
    *) RUN_MODE=plain ;;
  esac
  if service_is_active; then
    RUN_MODE=service
  elif [ "$RUN_MODE" = plain ] && [ -r "/proc/$RUN_PID/cmdline" ]; then
    RUN_WORDS=$(tr '\0' '\n' <"/proc/$RUN_PID/cmdline" | sed -n '/^serve$/,$p' | sed 1d |
      sed -e "s/'/'\\\\''/g" -e "s/^/'/" -e "s/\$/'/" | tr '\n' ' ')
    RUN_FOLDER=$(readlink "/proc/$RUN_PID/cwd") || RUN_FOLDER=$HOME
  fi
}

# stop_running PROGRAM: through the program's own command, which proves whom it stops.
stop_running() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
    service) [ "$OS_WORD" = macos ] || systemctl --user stop "$SERVICE" >&2 ;;
  esac
  RESTART_DUE=1
  if ! "$1" stop --timeout-s 15 >"$WORK/stopped" 2>&1; then
    sed 's/^/       /' "$WORK/stopped" >&2
    RESTART_DUE=0
    die "$EXIT_RUNNING" "The running LlamaRunner Pro (process $RUN_PID) did not stop." \
      "Nothing was changed. End it, then try again."
  fi
}

# Starts what ran before, the way it ran, from the version that is current now.
start_again() {
  RESTART_DUE=0
  case $RUN_MODE in
    service) start_service ;;
    desktop)
      [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$OS_WORD" = macos ] || return 0
      detached "$HOME" "$LRP_HOME/bin/llama-runner-pro-app"
      ;;
    plain)
      eval "serve_again $RUN_WORDS"
      ;;
  esac
}

# Called with words that "eval" puts together.
# shellcheck disable=SC2317
serve_again() {
  detached "$RUN_FOLDER" "$LAUNCHER" serve ${1+"$@"}
}

# detached FOLDER PROGRAM...: outlives us and our terminal. Sets STARTED_PID.
detached() {
  started_in=$1
  shift
  (umask 077 && mkdir -p "$DATA_HOME/logs")
  cd "$started_in" || cd /
  if have setsid; then
    setsid nohup "$@" >>"$DATA_HOME/logs/started.log" 2>&1 </dev/null &
  else
    nohup "$@" >>"$DATA_HOME/logs/started.log" 2>&1 </dev/null &
  fi
  STARTED_PID=$!
  cd / || return
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

# swap NAME: the link changes in one step; whoever looks sees the old version or the new one.
swap() {
  new_link=$LRP_HOME/.current.new.$$
  rm -f "$new_link"
  ln -s "versions/$1" "$new_link" || return 1
  # GNU and busybox know -T, macOS and the BSDs -h: do not move into the folder that it leads to.
  mv -Tf "$new_link" "$LRP_HOME/current" 2>/dev/null ||
    mv -fh "$new_link" "$LRP_HOME/current" 2>/dev/null
}

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
  [ "$before" != "$1" ] || return 0
  old_backend=''
  [ -z "$before" ] || old_backend=$(backend_in "$LRP_HOME/versions/$before")
  note_running
  stop_running "${old_backend:-$(backend_in "$LRP_HOME/versions/$1")}"
  # Before the switch: a kill right after it must not leave the way back unknown.
  earlier=$(cat "$LRP_HOME/previous.txt" 2>/dev/null) || earlier=''
  note_previous "$before"
  swap "$1" || die "$EXIT_SPACE" "Could not switch to version ${1%%~*}." "Is the disk full?"
  works "$1" || go_back "$1"
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
    rm -f "$LRP_HOME/current"
    die "$EXIT_UNPACK" "Version ${1%%~*} was installed and does not work." "It was removed again."
  fi
  warn "Version ${1%%~*} does not work here; going back to ${before%%~*}."
  swap "$before" && start_again
  note_previous "$earlier"
  case $RUN_MODE in
    plain | service) answers || warn "Version ${before%%~*} did not start again either." ;;
  esac
  rm -rf "$LRP_HOME/versions/$1"
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
