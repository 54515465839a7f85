#!/usr/bin/env bats
# Options, what is said, and what is only said.
load common

@test "--dry-run tells what would be done and writes nothing" {
  release 1.0.0 desktop
  release 1.0.0
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  for words in --headless --desktop "--headless --service"; do
    run sh "$SCRIPT" --dry-run $words
    is_code 0
    says "Would install LlamaRunner Pro 1.0.0"
    says "Nothing was written."
    snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
  done
  install
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  for words in --uninstall "--uninstall --purge" "--version 1.0.0 --force"; do
    run install --dry-run $words
    is_code 0
    snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
  done
}

@test "--print-config shows what would be used; a flag wins over its variable" {
  export LRP_VERSION=1.0.0 LRP_HEADLESS=1
  run sh "$SCRIPT" --print-config --version 2.0.0 --no-modify-path
  is_code 0
  says "version=2.0.0"
  says "variant=headless"
  says "modify_path=0"
  says "dir=$ROOT_DIR"
  [ ! -e "$ROOT_DIR" ]
}

@test "--quiet says nothing but errors and the last line" {
  release 1.0.0
  run install --quiet
  is_code 0
  [ "$output" = "$PROGRAM" ]
  run install --quiet --version 7.7.7
  is_code 5
  says "error:"
}

# on_terminal: the script with a terminal for everything it says.
on_terminal() {
  python3 - "$@" <<'PYTHON'
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", *sys.argv[1:]])))
PYTHON
}

@test "colours are for terminals, and not where NO_COLOR is set" {
  release 1.0.0
  export TERM=xterm
  esc=$(printf '\033')
  run install
  [[ "$output" != *"$esc"* ]]
  run on_terminal "$SCRIPT" --headless
  [[ "$output" == *"$esc"* ]]
  NO_COLOR=1 run on_terminal "$SCRIPT" --headless
  [[ "$output" != *"$esc"* ]]
}

@test "wrong options and values end with 2 and do nothing" {
  for words in --nonsense extra --version --dir "--version=" "--purge" "--rollback --uninstall" \
    "--base-url gopher://x"; do
    run install $words
    [ "$words" = "--version=" ] || is_code 2 || { echo "$words"; return 1; }
    [ ! -e "$ROOT_DIR" ]
  done
  LRP_DRY_RUN=maybe run install
  is_code 2
  says "LRP_DRY_RUN"
  unset LRP_BASE_URL
  run install
  is_code 2
  says "--base-url"
}

@test "--help tells every option, variable and exit code there is" {
  run sh "$SCRIPT" --help
  is_code 0
  for word in $(sed -n '/^take_arguments/,/^}/p' "$SCRIPT" | grep -o -- '--[a-z-]*' | sort -u); do
    says "$word"
  done
  for code in $(sed -n 's/^EXIT_[A-Z_]*=//p' "$SCRIPT"); do
    says "$code "
  done
}

@test "a missing tool is named" {
  release 1.0.0
  without gzip
  run /bin/sh "$SCRIPT" --headless
  is_code 4
  says "gzip"
}

@test "what is said is said once, and only what is done" {
  release 1.0.0
  run install
  is_code 0
  # Nothing from any tool between the steps.
  [ -z "$(printf '%s\n' "$output" | grep -v '^==> \|^LlamaRunner Pro \|^Start it \|^In this terminal\|^/')" ]
  run install
  is_code 0
  says "is installed already"
  refute grep -F "Switching" <<<"$output"
}

@test "the window is started from the menu, where there is one" {
  release 1.0.0 desktop
  run sh "$SCRIPT"
  is_code 0
  says "from the menu of your desktop"
  install --uninstall
  run install --uninstall --purge --yes
  is_code 2
  says "delete them by hand"
}
