
# --- What is stopped for the switch comes back, whatever happens to us ----------------------------

# Words for shells that outlive us, which run them as `sh -c WORDS NAME FOLDER [...]`.
# shellcheck disable=SC2016
SWAP_WORDS='
  # FOLDER NAME: the link changes in one step; whoever looks sees the old version or the new one.
  new_link=$1/.current.new.$$
  rm -f "$new_link"
  ln -s "versions/$2" "$new_link" || exit 1
  # GNU and busybox know -T, macOS and the BSDs -h: do not move into the folder that it leads to.
  mv -Tf "$new_link" "$1/current" 2>/dev/null ||
    mv -fh "$new_link" "$1/current" 2>/dev/null ||
    # Older systems of Apple know neither; there the link is away for a moment.
    { ln -sfn "versions/$2" "$1/current" && rm -f "$new_link"; }'
# shellcheck disable=SC2016
UNDO_WORDS='
  # FOLDER PROMISE SWAP_WORDS: the versions that were current and previous are so again.
  before=$(sed -n "s/^# before: //p" "$2")
  [ -n "$before" ] && [ -d "$1/versions/$before" ] || exit 0
  [ "$(readlink "$1/current")" = "versions/$before" ] || sh -c "$3" swap "$1" "$before" || exit 1
  earlier=$(sed -n "s/^# earlier: //p" "$2")
  if [ -n "$earlier" ]; then printf "%s\n" "$earlier" >"$1/previous.txt"
  else rm -f "$1/previous.txt"; fi'
# shellcheck disable=SC2016
SERVING_WORDS='
  # DATA: what the sidecar of the data folder was started with, in one line; nothing when it is gone.
  pid=$(sed -n "s/.*\"pid\": *\([0-9][0-9]*\).*/\1/p" "$1/run/sidecar.json" 2>/dev/null)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || exit 0
  if [ -r "/proc/$pid/cmdline" ]; then tr "\0" " " <"/proc/$pid/cmdline"
  else ps -o args= -p "$pid" 2>/dev/null; fi'
# shellcheck disable=SC2016
WATCH_WORDS='
  # FOLDER PROMISE SWAP_WORDS UNDO_WORDS PROCESS SERVING_WORDS DATA: waits for the end of the process.
  # If it left its promise, what it started may still come up; where nothing does, or where what was
  # to be replaced goes on, all is as before again.
  folder=$1 promise=$2 process=$5 serving=$6 data=$7
  while kill -0 "$process" 2>/dev/null && ! grep -q "^State:.*Z" "/proc/$process/status" 2>/dev/null
  do sleep 1; done
  mv "$promise" "$promise.taken" 2>/dev/null || exit 0
  started=$(sed -n "s/^# started: //p" "$promise.taken" | tail -n 1)
  before=$(sed -n "s/^# before: //p" "$promise.taken")
  former_serves() {
    [ -n "$before" ] || return 1
    case $(sh -c "$serving" serving "$data") in *"/versions/$before/"*) ;; *) return 1 ;; esac
  }
  is_well() {
    "$folder/bin/llama-runner-pro" status >/dev/null 2>&1
    [ $? -ne 69 ] || return 1
    [ "$(readlink "$folder/current")" = "versions/$before" ] || ! former_serves
  }
  tries=40
  until is_well; do
    case $started in
      "") tries=0 ;;
      later) ;;
      *) kill -0 "$started" 2>/dev/null || tries=0 ;;
    esac
    if [ "$tries" -eq 0 ]; then
      # The next run may have taken it in the meantime.
      mv "$promise.taken" "$promise.undo" 2>/dev/null || exit 0
      case $started in "" | later) ;; *) kill "$started" 2>/dev/null ;; esac
      sh -c "$4" undo "$folder" "$promise.undo" "$3"
      words=$(cat "$promise.undo")
      rm -f "$promise.undo"
      former_serves || eval "$words"
      exit
    fi
    tries=$((tries - 1))
    sleep 1
  done
  rm -f "$promise.taken"'

# promise BEFORE EARLIER: writes down how to start again what runs, before it is stopped, and which
# versions were current and previous. A watcher of its own does it if we are killed; if that is
# killed too, the next run does.
promise() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  if [ -n "$RUN_PID" ]; then
    restart_words "$1" "$2" | put "$RESUME" 600 || exit "$EXIT_SPACE"
  else
    # An earlier run's; what it started is gone.
    sed '/^# started: /d' "$RESUME" | put "$RESUME" 600 || exit "$EXIT_SPACE"
  fi
  detached / sh -c "$WATCH_WORDS" watcher "$LRP_HOME" "$RESUME" "$SWAP_WORDS" "$UNDO_WORDS" "$$" \
    "$SERVING_WORDS" "$DATA_HOME"
  WATCHER_PID=$STARTED_PID STARTED_PID=''
}

# What was started is on its way: process N, or whatever a service manager starts later.
note_started() {
  [ ! -f "$RESUME" ] || printf '# started: %s\n' "$1" >>"$RESUME"
}

restart_words() {
  printf '# Starts again what an installation stopped. mode: %s\n' "$RUN_MODE"
  printf '# before: %s\n# earlier: %s\n' "$1" "$2"
  case $RUN_MODE in
    service)
      if [ "$OS_WORD" = linux ]; then
        printf 'exec systemctl --user restart %s\n' "$SERVICE"
      else
        printf 'exec launchctl kickstart -k %s\n' "gui/$(id -u)/$AGENT"
      fi
      ;;
    desktop) printf 'cd %s\nexec %s\n' "$(quoted "$HOME")" "$(quoted "$(window_program)")" ;;
    # The program itself noted its options, folder and environment.
    plain) printf 'exec %s serve --as-before\n' "$(quoted "$LAUNCHER")" ;;
  esac
}

window_program() {
  if [ "$OS_WORD" = macos ]; then
    printf '%s\n' "$LRP_HOME/current/$APP/Contents/MacOS/${APP%.app}"
  else
    printf '%s\n' "$LRP_HOME/bin/llama-runner-pro-app"
  fi
}

# The mode of what a killed run stopped, and nobody has started since.
promised_mode() {
  mode=$(sed -n '1s/.* mode: //p' "$RESUME" 2>/dev/null)
  printf '%s\n' "${mode:-none}"
}

# An end before the switch brings it back as well. What was switched to and never seen serving may
# be why nothing serves, so the version before is current again; this run may try the new one anew.
recall_promise() {
  # Not if its watcher is at it in this moment.
  mv "$RESUME.taken" "$RESUME" 2>/dev/null
  [ -f "$RESUME" ] || return 0
  note_running
  if [ -n "$RUN_NAME" ] && [ "$RUN_NAME" = "$(sed -n 's/^# before: //p' "$RESUME")" ]; then
    # What was to be replaced goes on, so it is what is current.
    undo_switch
    rm -f "$RESUME"
  elif [ -n "$RUN_PID" ] || comes_up; then
    # It runs already: somebody was faster.
    rm -f "$RESUME"
  else
    undo_switch
    RESTART_DUE=1
  fi
}

# Whether what the killed run started is only slow.
comes_up() {
  STARTED_PID=$(sed -n 's/^# started: //p' "$RESUME" | tail -n 1)
  case $STARTED_PID in
    '' | later) came_up=1 ;;
    *) answers && came_up=0 || came_up=1 ;;
  esac
  STARTED_PID=''
  return "$came_up"
}

undo_switch() {
  sh -c "$UNDO_WORDS" undo "$LRP_HOME" "$RESUME" "$SWAP_WORDS" ||
    warn "Could not go back to the version before. Is the disk full?"
}

swap() {
  sh -c "$SWAP_WORDS" swap "$LRP_HOME" "$1"
}
