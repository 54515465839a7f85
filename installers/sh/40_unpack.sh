
# --- The folder: one installer at a time, nothing half-done left behind ---------------------------

# put FILE [MODE]: stdin becomes the file, whole or not at all.
put() {
  cat >"$WORK/put" && chmod "${2:-644}" "$WORK/put" && mv -f "$WORK/put" "$1" && return 0
  die "$EXIT_SPACE" "Could not write $1." "Is the disk full?"
}

current_name() {
  current_link=$(readlink "$LRP_HOME/current" 2>/dev/null) || return 0
  printf '%s\n' "${current_link#versions/}"
}

open_workplace() {
  trap cleanup EXIT
  # PIPE: whoever reads what we say may leave.
  trap 'exit "$EXIT_INTERRUPTED"' INT TERM HUP PIPE
  MADE_HOME=0
  if [ ! -d "$LRP_HOME" ]; then
    MADE_HOME=1
    (umask 077 && mkdir -p "$LRP_HOME") ||
      die "$EXIT_SPACE" "Could not make $LRP_HOME." "Choose another folder with --dir."
  fi
  take_lock
  # Whatever a killed run left: nobody else is at work, for we have the lock.
  end_old_trials
  rm -rf "$LRP_HOME"/.tmp.* "$LRP_HOME"/.current.new.*
  WORK=$LRP_HOME/.tmp.$$
  mkdir "$WORK" && read_created >"$WORK/created" ||
    die "$EXIT_SPACE" "Could not write below $LRP_HOME." "Is the disk full?"
  # First of all: from here on what bears our names is known to be ours, even after a kill.
  [ -f "$RECEIPT" ] || write_receipt
  mkdir -p "$LRP_HOME/versions" "$LRP_HOME/bin" ||
    die "$EXIT_SPACE" "Could not write below $LRP_HOME." "Is the disk full?"
  recall_promise
}

# A run that was killed during its self-test left what it tried; its own command stops it.
end_old_trials() {
  for old_work in "$LRP_HOME"/.tmp.*; do
    [ -f "$old_work/trial/run/sidecar.json" ] || continue
    for old_tree in "$LRP_HOME/current" "$old_work"/unpacked/*; do
      stopper=$(backend_in "$old_tree")
      [ -z "$stopper" ] ||
        ! "$stopper" stop --data-dir "$old_work/trial" --timeout-s 5 >/dev/null 2>&1 || break
    done
  done
}

# A link whose target is our process id: made in one step, and it tells who has it.
take_lock() {
  LOCK=$LRP_HOME/.lock
  for _ in 1 2 3; do
    if ln -s "$$" "$LOCK" 2>/dev/null; then
      LOCKED=1
      return
    fi
    holder=$(readlink "$LOCK" 2>/dev/null) || holder=''
    [ -w "$LRP_HOME" ] || break
    [ -n "$holder" ] || continue
    if kill -0 "$holder" 2>/dev/null; then
      die "$EXIT_RUNNING" "Another installation is at work here (process $holder)." \
        "Wait for its end; if there is none, delete $LOCK."
    fi
    # Its owner is gone. Moved aside first: when two do this, one of them moves the other's new one.
    mv "$LOCK" "$LOCK.stale.$$" 2>/dev/null || continue
    moved=$(readlink "$LOCK.stale.$$")
    rm -f "$LOCK.stale.$$"
    [ "$moved" = "$holder" ] || ln -s "$moved" "$LOCK" 2>/dev/null
  done
  die "$EXIT_SPACE" "Could not take the lock $LOCK." "Is the disk full or read-only?"
}

# Runs at every end, by a trap. Says nothing and keeps the exit code.
# shellcheck disable=SC2317
cleanup() {
  code=$?
  trap '' INT TERM HUP PIPE
  [ -z "$TRIAL_PID" ] || stop_aside
  # Switched, and not yet seen serving: whoever watches waits for that, or takes it back.
  if [ "$UNPROVEN" = 0 ]; then
    if [ "$RESTART_DUE" = 1 ]; then
      start_again >/dev/null 2>&1
      rm -f "$RESUME"
    fi
    # It would take the promise of the next run for ours.
    if [ -n "$WATCHER_PID" ]; then
      kill "$WATCHER_PID" 2>/dev/null
      rm -f "$RESUME"
    fi
  fi
  [ -z "$WORK" ] || rm -rf "$WORK"
  if [ "$LOCKED" = 1 ]; then
    if [ ! -L "$LRP_HOME/current" ]; then
      # Nothing was installed before and nothing is now.
      rm -f "$RECEIPT"
      rm -rf "${LRP_HOME:?}/bin" "${LRP_HOME:?}/versions"
    fi
    rm -f "$LOCK"
    [ "$MADE_HOME" = 0 ] || rmdir "$LRP_HOME" 2>/dev/null
  fi
  exit "$code"
}

# --- Unpacking ---------------------------------------------------------------------------------

bad_archive() {
  die "$EXIT_UNPACK" "$ARCHIVE cannot be trusted: $1" "Nothing was changed."
}

# Writes what the archive holds, without unpacking it: names, then lines that begin with the kind.
list_archive() {
  case $ARCHIVE in
    *.zip)
      unzip -Z1 "$WORK/$ARCHIVE" >"$WORK/names" 2>/dev/null &&
        unzip -Z -s -h -t "$WORK/$ARCHIVE" 2>/dev/null | grep '^[a-z?-][rwxst?-]' >"$WORK/kinds"
      ;;
    *)
      LC_ALL=C tar -tzf "$WORK/$ARCHIVE" >"$WORK/names" 2>/dev/null &&
        LC_ALL=C tar -tzvf "$WORK/$ARCHIVE" >"$WORK/kinds" 2>/dev/null
      ;;
  esac
}

# One folder at the top, nothing above it, nothing written through a link.
check_listing() {
  fault=$(awk '
    function tidy(name) { sub(/^(\.\/)+/, "", name); sub(/\/+$/, "", name); return name }
    FNR == NR { raw[FNR] = $0; count = FNR; known[tidy($0)] = 1; next }
    {
      lines = FNR; kind = substr($0, 1, 1); name = tidy(raw[FNR])
      if (kind == "l") links[name] = 1
      else if (kind == "h" || / link to /) {
        at = index($0, " link to "); target = substr($0, at + 9)
        if (!(tidy(target) in known)) fault = "a link to " target
      }
      else if (kind != "-" && kind != "d" && kind != "?") fault = "a device named " name
    }
    END {
      if (count == 0) fault = "it is empty"
      if (lines != count) fault = "its listing is unclear"
      for (i = 1; i <= count; i++) {
        name = tidy(raw[i])
        if (raw[i] ~ /^\//) fault = "the absolute name " raw[i]
        parts = split(name, part, "/"); path = ""
        if (name != "" && top == "") top = part[1]
        if (name != "" && part[1] != top) fault = "more than one folder at its top"
        for (j = 1; j <= parts; j++) {
          if (part[j] == "..") fault = "the name " raw[i]
          if (j > 1 && path in links) fault = raw[i] " lies behind a link"
          path = path (j > 1 ? "/" : "") part[j]
        }
      }
      if (fault != "") print fault
    }' "$WORK/names" "$WORK/kinds")
  [ -z "$fault" ] || bad_archive "it holds or is: $fault."
}

# Links may lead about inside, never out.
check_links() {
  find "$WORK/unpacked" -type l | while IFS= read -r link; do
    place=${link#"$WORK"/unpacked/}
    printf '%s\n%s\n' "$place" "$(readlink "$link")"
  done >"$WORK/links"
  fault=$(awk '
    NR % 2 { place = $0; next }
    {
      depth = split(place, part, "/") - 1; steps = split($0, step, "/")
      if ($0 ~ /^\//) { print place; next }
      for (i = 1; i <= steps; i++) {
        if (step[i] == "..") depth--
        else if (step[i] != "." && step[i] != "") depth++
        # Depth 0 is beside the top folder, which is not inside any more.
        if (depth < 1) { print place; next }
      }
    }' "$WORK/links" | sed -n 1p)
  [ -z "$fault" ] || bad_archive "the link $fault leads out of it."
}

# Sets UNPACKED, the folder of the new version, still in the workplace.
unpack() {
  step "Unpacking"
  list_archive || die "$EXIT_UNPACK" "$ARCHIVE is damaged." "Nothing was changed. Try again."
  check_listing
  mkdir "$WORK/unpacked"
  case $ARCHIVE in
    *.zip) ditto -x -k "$WORK/$ARCHIVE" "$WORK/unpacked" ;;
    *) (umask 022 && tar -xzof "$WORK/$ARCHIVE" -C "$WORK/unpacked") ;;
  esac || die "$EXIT_UNPACK" "Could not unpack $ARCHIVE." "Is the disk full? Nothing was changed."
  check_links
  rm -f "$WORK/$ARCHIVE"
  UNPACKED=$(find "$WORK/unpacked" -mindepth 1 -maxdepth 1)
  case $UNPACKED in
    # The app keeps its name, so the folder above it becomes the version's.
    *.app) UNPACKED=$WORK/unpacked ;;
  esac
  [ -n "$(backend_in "$UNPACKED")" ] || bad_archive "it holds no $BACKEND."
  [ "$(variant_of "$UNPACKED")" = "$VARIANT" ] || bad_archive "it is not the $VARIANT one."
}

# backend_in FOLDER: the program inside a version's folder; nothing when there is none.
backend_in() {
  for backend_at in "$1/backend" "$1/resources/backend" \
    "$1/$APP/Contents/Resources/backend"; do
    if [ -x "$backend_at/$BACKEND" ]; then
      printf '%s\n' "$backend_at/$BACKEND"
      return
    fi
  done
}

variant_of() {
  if [ -x "$1/backend/$BACKEND" ]; then echo headless; else echo desktop; fi
}

# --- Self-test -----------------------------------------------------------------------------------

# self_test FOLDER VERSION: it says its version and serves, in a folder of its own on a free port.
self_test() {
  tested=$(backend_in "$1")
  [ -n "$tested" ] || return 1
  run_aside version
  wait_aside 30 -x "llama-runner-pro $2" || return 1
  mkdir -p "$WORK/trial"
  run_aside serve --data-dir "$WORK/trial" --port 0 --no-gateway
  wait_aside 60 -e 'is running: http'
  served=$?
  stop_aside
  rm -rf "$WORK/trial"
  return "$served"
}

run_aside() {
  # There when we look, even if it has said nothing yet.
  : >"$WORK/said"
  (own_locale && exec "$tested" "$@") >"$WORK/said" 2>&1 </dev/null &
  TRIAL_PID=$!
}

# wait_aside SECONDS -x|-e WORDS: until it says them, as a whole line with -x; fails when it ends
# without, or time is up.
wait_aside() {
  until_s=$(($(now_s) + $1))
  while ! grep -qF "$2" "$3" "$WORK/said"; do
    if ! kill -0 "$TRIAL_PID" 2>/dev/null; then
      # Its last words may have come after we looked.
      grep -qF "$2" "$3" "$WORK/said"
      return
    fi
    if [ "$(now_s)" -ge "$until_s" ]; then
      stop_aside
      return 1
    fi
    nap
  done
}

stop_aside() {
  kill "$TRIAL_PID" 2>/dev/null
  until_s=$(($(now_s) + 12))
  while kill -0 "$TRIAL_PID" 2>/dev/null && [ "$(now_s)" -lt "$until_s" ]; do
    nap
  done
  kill -9 "$TRIAL_PID" 2>/dev/null
  wait "$TRIAL_PID" 2>/dev/null
  TRIAL_PID=''
}

said_last() {
  tail -n 5 "$WORK/said" 2>/dev/null
}
