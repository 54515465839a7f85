
# --- Uninstalling --------------------------------------------------------------------------------

uninstall() {
  find_platform
  [ -f "$RECEIPT" ] ||
    die "$EXIT_USAGE" "LlamaRunner Pro is not installed in $LRP_HOME (no receipt.json)." \
      "If it is elsewhere, name the folder with --dir." \
      "Settings and history that an installation left are in $DATA_HOME; delete them by hand."
  know_by_receipt
  refuse_dangerous_purge
  VARIANT=$(receipt_value variant)
  ask_about_purge
  if dry; then
    say "Would stop LlamaRunner Pro and remove from $LRP_HOME: $OWN_NAMES"
    say "Would remove the lines in shell files, the menu entry, and the start at login."
    [ "$LRP_PURGE" = 0 ] || say "Would delete settings, history and logs in $DATA_HOME."
    exit 0
  fi
  open_workplace
  step "Stopping"
  stop_for_good
  step "Removing"
  remove_service
  remove_desktop
  remove_from_path
  remove_created
  for name in $OWN_NAMES; do
    rm -rf "${LRP_HOME:?}/$name"
  done
  [ "$LRP_PURGE" = 0 ] || purge
  MADE_HOME=1
  tell_what_stays
}

# One folder may go by several names (a home that is a link): what was written uses the first one.
know_by_receipt() {
  noted_home=$(receipt_value home | sed -e 's/\\"/"/g' -e 's/\\\\/\\/g')
  [ "$noted_home" != "$LRP_HOME" ] || return 0
  if [ -n "$noted_home" ] && [ "$(real_folder "$noted_home")" = "$(real_folder "$LRP_HOME")" ]; then
    LRP_HOME=$noted_home
    return
  fi
  [ "$LRP_FORCE" = 1 ] ||
    die "$EXIT_USAGE" "The receipt in $LRP_HOME speaks of another folder: $noted_home" \
      "If this is the right one nevertheless: --force"
}

# LLAMA_RUNNER_PRO_HOME can be the home itself, where "logs" or "backups" may be anybody's.
refuse_dangerous_purge() {
  [ "$LRP_PURGE" = 1 ] && holds_home "$DATA_HOME" || return 0
  die "$EXIT_USAGE" "--purge would delete logs, backups and more right in $DATA_HOME." \
    "Uninstall without --purge, and delete there by hand what is LlamaRunner Pro's."
}

stop_for_good() {
  note_running
  stopper=$(backend_in "$LRP_HOME/versions/$(current_name)")
  [ -z "$stopper" ] || stop_running "$stopper"
  RESTART_DUE=0
  rm -f "$RESUME"
}

# A question needs somebody to answer: never read from the pipe that the script came through.
ask_about_purge() {
  [ "$LRP_PURGE" = 1 ] && [ "$LRP_YES" = 0 ] && ! dry || return 0
  if ! (: </dev/tty) 2>/dev/null; then
    die "$EXIT_USAGE" "--purge deletes settings, history and logs, and there is nobody to ask." \
      "If that is wanted: --purge --yes"
  fi
  printf 'Delete settings, history and logs in %s? Models stay. [y/N] ' "$DATA_HOME" >/dev/tty
  IFS= read -r answer </dev/tty || answer=''
  case $answer in
    y | Y | yes | YES | Yes) ;;
    *) die "$EXIT_INTERRUPTED" "Nothing was changed." ;;
  esac
}

remove_from_path() {
  rc_files | while IFS= read -r rc; do
    [ -f "$rc" ] && has_our_block "$rc" || continue
    remove_block "$rc" || warn "Could not change $rc; remove the lines from it: $(env_line)"
  done
  fish_file=$(fish_folder)/conf.d/llama-runner-pro.fish
  ! grep -qF "$LRP_HOME" "$fish_file" 2>/dev/null || rm -f "$fish_file"
}

# Folders and files that we made outside, when nobody else has put anything into them.
remove_created() {
  sort -ru "$WORK/created" | while IFS= read -r made; do
    if [ -d "$made" ]; then
      rmdir "$made" 2>/dev/null
    elif [ -f "$made" ] && [ ! -s "$made" ]; then
      rm -f "$made"
    fi
  done
}

# Exactly what the program writes there; models and whatever else people keep there stay.
purge() {
  for name in config.json logs run backups bundles; do
    rm -rf "${DATA_HOME:?}/$name"
  done
  rm -f "${DATA_HOME:?}"/history.db*
  rmdir "$DATA_HOME" 2>/dev/null
  return 0
}

tell_what_stays() {
  say "LlamaRunner Pro is uninstalled."
  [ -d "$DATA_HOME" ] && [ -n "$(find "$DATA_HOME" -mindepth 1 ! -name .lock ! -path "$WORK*" |
    sed 1q)" ] || return 0
  say "Kept: $(du -sh "$DATA_HOME" 2>/dev/null | awk '{ print $1 }') in $DATA_HOME"
}
