
# --- The whole -------------------------------------------------------------------------------------

plan() {
  cat >&2 <<WORDS
Would install LlamaRunner Pro $VERSION ($VARIANT, $OS_WORD-$ARCH_WORD)
  from  ${LRP_OFFLINE:-$(address "$ARCHIVE")}
  to    $LRP_HOME/versions/$VERSION, and make it current
WORDS
  [ "$LRP_NO_MODIFY_PATH" = 1 ] || say "Would add $LRP_HOME/bin to the PATH in your shell files."
  [ "$VARIANT" = headless ] || [ "$LRP_NO_DESKTOP" = 1 ] || say "Would add a menu entry and icons."
  [ "$LRP_SERVICE" = 0 ] || say "Would set up the start at login."
  say "Nothing was written."
}

# Sets NAME when this version is here already, in this variant, and passes its self-test.
find_installed() {
  NAME=''
  [ "$LRP_FORCE" = 0 ] || return 0
  present=$(current_name)
  [ "${present%%~*}" = "$VERSION" ] || present=$VERSION
  [ -d "$LRP_HOME/versions/$present" ] &&
    [ "$(variant_of "$LRP_HOME/versions/$present")" = "$VARIANT" ] || return 0
  if self_test "$LRP_HOME/versions/$present" "$VERSION"; then
    NAME=$present
  else
    warn "Version $VERSION is here, but damaged; getting it anew."
  fi
}

get_version() {
  download
  verify
  unpack
  step "Trying version $VERSION"
  self_test "$UNPACKED" "$VERSION" ||
    die "$EXIT_UNPACK" "Version $VERSION does not run on this system." \
      "What it said: $(said_last)" "Nothing was changed."
  place
}

install() {
  check_user
  check_platform
  check_tools
  choose_version
  check_folder
  check_space
  if dry; then
    plan
    exit 0
  fi
  open_workplace
  find_installed
  if [ -z "$NAME" ]; then
    get_version
  elif [ "$NAME" = "$(current_name)" ]; then
    say "LlamaRunner Pro $VERSION is installed already."
  fi
  [ "$NAME" = "$(current_name)" ] || step "Switching to version $VERSION"
  write_launchers
  activate "$NAME"
  finish
}

finish() {
  prune
  add_to_path
  add_desktop
  write_receipt
  add_service
  write_receipt
  start_now
  warn_if_shadowed
  tell_result
}

# --start: in the background, unless something serves this data folder already.
start_now() {
  [ "$LRP_START" = 1 ] || return 0
  find_running
  if [ -n "$RUN_PID" ]; then
    say "It runs already (process $RUN_PID)."
    return
  fi
  step "Starting"
  STARTED_PID=''
  service_is_active || detached "$HOME" "$LAUNCHER" serve
  answers || die "$EXIT_UNPACK" "LlamaRunner Pro is installed, but did not start." \
    "What it said: $DATA_HOME/logs/started.log"
}

tell_result() {
  find_running
  say "${BOLD}LlamaRunner Pro $VERSION is installed.$PLAIN"
  if [ -n "$RUN_PID" ]; then
    say "It runs; open the dashboard with: llama-runner-pro open"
  elif [ "$VARIANT" = desktop ] && [ "$LRP_NO_DESKTOP" = 0 ]; then
    say "Start it from the menu of your desktop, or with: llama-runner-pro serve"
  else
    say "Start it with: llama-runner-pro serve"
  fi
  case :$PATH: in
    *":$LRP_HOME/bin:"*) ;;
    *) say "In this terminal, first: . $(quoted "$LRP_HOME/env")" ;;
  esac
  printf '%s\n' "$LAUNCHER"
}

rollback() {
  find_platform
  check_user
  NAME=$(cat "$LRP_HOME/previous.txt" 2>/dev/null) || NAME=''
  [ -f "$RECEIPT" ] && [ -n "$NAME" ] && [ -d "$LRP_HOME/versions/$NAME" ] ||
    die "$EXIT_USAGE" "There is no version before this one in $LRP_HOME." \
      "Install one by name: --version X"
  VERSION=${NAME%%~*}
  VARIANT=$(variant_of "$LRP_HOME/versions/$NAME")
  if dry; then
    say "Would go back to version $VERSION."
    exit 0
  fi
  open_workplace
  step "Trying version $VERSION"
  self_test "$LRP_HOME/versions/$NAME" "$VERSION" ||
    die "$EXIT_UNPACK" "Version $VERSION does not run any more." "Nothing was changed."
  step "Going back to version $VERSION"
  write_launchers
  activate "$NAME"
  finish
}

main() {
  WORK='' LOCKED=0 RESTART_DUE=0 TRIAL_PID='' STARTED_PID='' WATCHER_PID=''
  MADE_HOME=0 UNPROVEN=0 RUN_MODE=none
  take_plain_locale
  choose_colours
  take_environment
  take_arguments "$@"
  check_options
  LAUNCHER=$LRP_HOME/bin/llama-runner-pro
  if [ "$LRP_UNINSTALL" = 1 ]; then
    uninstall
    return
  fi
  if [ "$LRP_ROLLBACK" = 1 ]; then
    rollback
    return
  fi
  find_platform
  choose_variant
  if [ "$LRP_PRINT_CONFIG" = 1 ]; then
    print_config
    return
  fi
  choose_source
  install
}

# All of the script has arrived when its shell has read this: it runs whole or not at all.
{
  main ${1+"$@"}
  exit
}
