#!/usr/bin/env bats
# install.bat in wine: the same steps, codes and names as install.sh.
load wine
setup() { wine_setup; }
teardown() { wine_teardown; }

@test "install.bat is plain ASCII, every line ends as cmd.exe wants it, and holds no PowerShell" {
  script=$REPOSITORY/installers/install.bat
  LC_ALL=C run grep -nP '[^\x00-\x7f]' "$script"
  is_code 1
  [ "$(grep -c '' "$script")" -eq "$(grep -c $'\r$' "$script")" ]
  run grep -niE 'powershell|pwsh|wmic|timeout\.exe|%PATH%' "$script"
  is_code 1
}

@test "every label is there once, and everything that is jumped to is there" {
  script=$(tr -d '\r' <"$REPOSITORY/installers/install.bat")
  labels=$(grep -oP '^:\K[a-z_]+' <<<"$script" | sort)
  [ -z "$(uniq -d <<<"$labels")" ]
  targets=$(grep -oP '(goto |call :)\K[a-z_]+(?=[\s)]|$)' <<<"$script" | sort -u)
  [ "$(wc -l <<<"$targets")" -gt 50 ]
  [ -z "$(comm -13 <(sort -u <<<"$labels") <(echo "$targets"))" ]
}

@test "a fresh installation runs, and its place is the last line" {
  release 1.0.0
  run install --headless
  is_code 0
  [ "${lines[-1]}" = "\"$WINDOWS_HOME\\.llama-runner-pro\\bin\\llama-runner-pro.cmd\"" ]
  [ "$(current)" = 1.0.0 ]
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  [ -z "$(find "$ROOT_DIR" -name 'tmp.*' -o -name lock)" ]
  python3 - "$ROOT_DIR/receipt.json" <<'PYTHON'
import json, sys
receipt = json.load(open(sys.argv[1]))
assert (receipt["version"], receipt["variant"]) == ("1.0.0", "headless"), receipt
assert receipt["target"] == "windows-x64", receipt
PYTHON
}

@test "user names with signs that cmd.exe reads work" {
  release 1.0.0
  for odd in 'Anna & Bob (x86)' 'Wow! 100^' "O'Neil; = ,"; do
    at_home "$odd"
    run install --headless --start
    is_code 0
    [ "$(current)" = 1.0.0 ]
    [ "$(cat "$ROOT_DIR/run/served" | tr -d '\r')" = 1.0.0 ]
    run install --uninstall
    is_code 0
    [ ! -e "$ROOT_DIR/versions" ]
    [ ! -e "$ROOT_DIR/receipt.json" ]
  done
}

@test "installing twice says so; an upgrade keeps the version before and no older one" {
  release 1.0.0
  install --headless
  run install
  is_code 0
  says "installed already"
  release 1.1.0
  install
  release 2.0.0
  run install
  is_code 0
  [ "$(current)" = 2.0.0 ]
  [ "$(tr -d '\r' <"$ROOT_DIR/previous.txt")" = 1.1.0 ]
  [ "$(ls "$ROOT_DIR/versions")" = "1.1.0
2.0.0" ]
  [ "$(typed version)" = "llama-runner-pro 2.0.0" ]
}

@test "a downgrade by name works, and needs no download when the version is still here" {
  release 1.0.0
  install --headless
  release 1.1.0
  install
  rm "$RELEASES"/*.zip
  run install --version 1.0.0
  is_code 0
  [[ "$output" != *Downloading* ]]
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  [ "$(tr -d '\r' <"$ROOT_DIR/previous.txt")" = 1.1.0 ]
}

@test "a version that does not run is refused; one that fails after the switch is taken back" {
  release 1.0.0
  install --headless
  for fault in version serve; do
    release 1.1.0 headless "$fault"
    run install
    is_code 9
    [ "$(current)" = 1.0.0 ]
  done
  # The end of the trial is noticed, and not waited for.
  says "It ended by itself instead of serving"
  grep -q "No model fits." "$TEMPORARY"/llama-runner-pro-install.*.log
  release 1.1.0 headless switched
  run install
  is_code 10
  says "1.0.0 is back"
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  [ "$(ls "$ROOT_DIR/versions")" = 1.0.0 ]
  [ ! -e "$ROOT_DIR/previous.txt" ]
}

@test "a version that takes its time to serve is waited for" {
  release 1.0.0 headless slow
  run install --headless
  is_code 0
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
}

@test "--rollback goes back, and needs a version before" {
  release 1.0.0
  run install --rollback
  is_code 2
  install --headless
  run install --rollback
  is_code 2
  release 1.1.0
  install
  run install --rollback
  is_code 0
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  [ "$(tr -d '\r' <"$ROOT_DIR/previous.txt")" = 1.1.0 ]
}

@test "uninstalling leaves data and models; --purge --yes leaves models" {
  release 1.0.0
  install --headless --start
  mkdir -p "$ROOT_DIR/models"
  touch "$ROOT_DIR/models/big.gguf" "$ROOT_DIR/config.json"
  run install --uninstall
  is_code 0
  [ "$(ls -A "$ROOT_DIR")" = "config.json
models
run" ]
  [ ! -e "$ROOT_DIR/run/sidecar.json" ]
  install --headless
  run install --uninstall --purge
  is_code 2
  [ -e "$ROOT_DIR/config.json" ]
  run install --uninstall --purge --yes
  is_code 0
  [ "$(ls -A "$ROOT_DIR")" = models ]
}

@test "uninstalling without data leaves nothing" {
  release 1.0.0
  install --headless
  run install --uninstall
  is_code 0
  [ -z "$(ls -A "$HOME_FOLDER")" ]
  run install --uninstall
  is_code 2
  says "not installed"
}

@test "--dry-run and --print-config write nothing" {
  release 1.0.0
  run install --headless --dry-run
  is_code 0
  says "Would install LlamaRunner Pro 1.0.0"
  run install --print-config --version 2.0.0 --headless
  is_code 0
  says "version=2.0.0"
  says "variant=headless"
  says "target=windows-x64"
  [ -z "$(ls -A "$HOME_FOLDER")" ]
}

@test "--rollback and --uninstall can be tried with --dry-run as well" {
  release 1.0.0
  install --headless
  release 1.1.0
  install
  before=$(find "$HOME_FOLDER" -type f -exec sha256sum {} + | sort)
  run install --rollback --dry-run
  is_code 0
  says "Would go back to version 1.0.0."
  run install --uninstall --dry-run
  is_code 0
  says "Would stop LlamaRunner Pro"
  [ "$(find "$HOME_FOLDER" -type f -exec sha256sum {} + | sort)" = "$before" ]
}
