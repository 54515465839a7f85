
# --- What is stopped for the switch comes back, whatever happens to us ----------------------------

# promise: writes down how to start again what runs, before it is stopped. A watcher of its own
# does it if we are killed; if that is killed too, the next run does.
promise() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  [ -z "$RUN_PID" ] || restart_words | put "$RESUME" 600
  # Words for the shell that watches.
  # shellcheck disable=SC2016
  detached / sh -c '
    while kill -0 "$1" 2>/dev/null && ! grep -q "^State:.*Z" "/proc/$1/status" 2>/dev/null; do
      sleep 1
    done
    mv "$2" "$2.taken" 2>/dev/null || exit 0
    words=$(cat "$2.taken")
    rm -f "$2.taken"
    eval "$words"' watcher "$$" "$RESUME"
  WATCHER_PID=$STARTED_PID STARTED_PID=''
}

restart_words() {
  printf '# Starts again what an installation stopped. mode: %s\n' "$RUN_MODE"
  case $RUN_MODE in
    service) printf 'exec launchctl kickstart -k %s\n' "gui/$(id -u)/$AGENT" ;;
    desktop) printf 'cd %s\nexec %s\n' "$(quoted "$HOME")" "$(quoted "$(window_program)")" ;;
    plain)
      run_folder=$(readlink "/proc/$RUN_PID/cwd" 2>/dev/null) || run_folder=$HOME
      printf 'cd %s || cd /\nexec %s serve %s\n' "$(quoted "$run_folder")" \
        "$(quoted "$LAUNCHER")" "$(words_of "$RUN_PID")"
      ;;
  esac
}

window_program() {
  if [ "$OS_WORD" = macos ]; then
    printf '%s\n' "$LRP_HOME/current/$APP/Contents/MacOS/${APP%.app}"
  else
    printf '%s\n' "$LRP_HOME/bin/llama-runner-pro-app"
  fi
}

# What process N was given after "serve", as words of shell code; nothing where that cannot be told.
words_of() {
  [ -r "/proc/$1/cmdline" ] || return 0
  tr '\0' '\n' <"/proc/$1/cmdline" | sed -n '/^serve$/,$p' | sed 1d |
    sed -e "s/'/'\\\\''/g" -e "s/^/'/" -e "s/\$/'/" | tr '\n' ' '
}

# The mode of what a killed run stopped, and nobody has started since.
promised_mode() {
  mode=$(sed -n '1s/.* mode: //p' "$RESUME" 2>/dev/null)
  printf '%s\n' "${mode:-none}"
}

# An end before the switch brings it back as well.
recall_promise() {
  rm -f "$RESUME.taken"
  [ -f "$RESUME" ] || return 0
  note_running
  if [ -n "$RUN_PID" ]; then
    # It runs already: somebody was faster.
    rm -f "$RESUME"
  else
    RESTART_DUE=1
  fi
}
