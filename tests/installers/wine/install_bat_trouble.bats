#!/usr/bin/env bats
# install.bat when the world is against it: killed, full disks, odd names.
load wine
setup() { wine_setup; }
teardown() { wine_teardown; }

@test "killed while the new version is tried: the one before works, and the next run mends it" {
  release 1.0.0
  install --headless
  release 1.1.0 headless hang
  killed_at install
  [ "$(current)" = 1.0.0 ]
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  release 1.1.0
  run install
  is_code 8
  says "--force"
  run install --force
  is_code 0
  [ "$(typed version)" = "llama-runner-pro 1.1.0" ]
  [ "$(tr -d '\r' <"$ROOT_DIR/previous.txt")" = 1.0.0 ]
  [ -z "$(find "$ROOT_DIR" -name 'tmp.*' -o -name lock)" ]
}

@test "killed while it downloads, checks or unpacks: nothing of it is left after the next run" {
  release 1.0.0
  for at in certutil 'tar -tf' 'tar -xf'; do
    TOOLS_AT="hang $at" killed_at install --headless
    [ ! -e "$ROOT_DIR/current.txt" ]
    run install --headless --force
    is_code 0
    [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
    [ -z "$(find "$ROOT_DIR" -name 'tmp.*' -o -name lock)" ]
    run install --uninstall
    is_code 0
    [ -z "$(ls -A "$HOME_FOLDER")" ]
  done
}

@test "interrupted while it downloads or unpacks: code 130, and everything as it was" {
  release 1.0.0
  at_server
  # wine's "call" makes 1 of every failure.
  export LRP_ENDED_BY_CTRL_C=1
  for at in "curl" "tar -xf"; do
    TOOLS_AT="end $at" run install --headless --version 1.0.0
    is_code 130
    says "Interrupted. Nothing was changed."
    [ -z "$(ls -A "$HOME_FOLDER")" ]
  done
}

@test "a proxy of the environment is used" {
  release 1.0.0
  at_server
  # Only through the proxy is there a server at this address; loopback is taken by name here.
  export http_proxy="$LRP_BASE_URL" no_proxy=nobody LRP_BASE_URL=http://localhost:1
  run install --headless
  is_code 0
  grep -q "GET http://localhost:1/latest.txt" "$BATS_TEST_TMPDIR/requests"
  grep -q "GET http://localhost:1/$ARCHIVE" "$BATS_TEST_TMPDIR/requests"
}

@test "a folder that cannot be written is told, and stays as it is" {
  [ "$(id -u)" = 0 ] || chmod 555 "$HOME_FOLDER"
  mkdir -p "$HOME_FOLDER/taken"
  echo mine >"$HOME_FOLDER/taken/home"
  release 1.0.0
  run install --headless --dir "\"$WINDOWS_HOME\\taken\\home\""
  is_code 7
  says "cannot be written"
  [ "$(cat "$HOME_FOLDER/taken/home")" = mine ]
}

@test "user names with umlauts work, and the log is named at the end" {
  release 1.0.0
  at_home 'Jörg Müller'
  run install --headless --start
  is_code 0
  [ "$(current)" = 1.0.0 ]
  says "Log: Z:"
  [ -z "$(LC_ALL=C grep -P '[^\x00-\x7f]' "$ROOT_DIR/receipt.json")" ]
  python3 -m json.tool "$ROOT_DIR/receipt.json"
  log=$(echo "$TEMPORARY"/llama-runner-pro-install.*.log)
  grep -q "Trying version 1.0.0" "$log"
  run install --uninstall
  is_code 0
  [ ! -e "$ROOT_DIR/versions" ]
  release 1.1.0 headless version
  run install --headless
  is_code 9
  says "Log: Z:"
}

@test "a signature that is there must fit, and can be demanded" {
  release 1.0.0
  LRP_REQUIRE_SIGNATURE=1 run install --headless
  is_code 6
  says "could not be checked"
  minisign -GW -p "$BATS_TEST_TMPDIR/key.pub" -s "$BATS_TEST_TMPDIR/key" >/dev/null
  minisign -Sm "$RELEASES/SHA256SUMS" -s "$BATS_TEST_TMPDIR/key" >/dev/null
  export LRP_PUBLIC_KEY LRP_MINISIGN="Z:${TOOLS//\//\\}\\minisign.cmd"
  LRP_PUBLIC_KEY=$(tail -1 "$BATS_TEST_TMPDIR/key.pub")
  LRP_REQUIRE_SIGNATURE=1 run install --headless
  is_code 0
  install --uninstall
  echo >>"$RELEASES/SHA256SUMS"
  run install --headless
  is_code 6
  says "signature of SHA256SUMS is wrong"
  [ -z "$(ls -A "$HOME_FOLDER")" ]
}

@test "--service starts it at login, --shortcut puts it into the menu; uninstalling takes both away" {
  release 1.0.0
  menu="$HOME_FOLDER/AppData/Microsoft/Windows/Start Menu/Programs"
  mkdir -p "$menu"
  run install --headless --service --shortcut
  is_code 0
  run_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Run'
  wine reg query "$run_key" /v LlamaRunnerPro 3>&- |
    grep -F "\"$WINDOWS_HOME\\.llama-runner-pro\\bin\\start.cmd\""
  entry="@\"$WINDOWS_HOME\\.llama-runner-pro\\bin\\start.cmd\""
  [ "$(tr -d '\r' <"$menu/LlamaRunner Pro.cmd")" = "$entry" ]
  in_windows "call \"$WINDOWS_HOME\\AppData\\Microsoft\\Windows\\Start Menu\\Programs\\LlamaRunner Pro.cmd\""
  eventually has_served 1.0.0
  run install --uninstall
  is_code 0
  [ ! -e "$menu/LlamaRunner Pro.cmd" ]
  run wine reg query "$run_key" /v LlamaRunnerPro 3>&-
  [[ "$output" != *start.cmd* ]]
}

# on_the_disk CODE WORDS ARGUMENTS: what install.bat there has to end with, and to say.
on_the_disk() {
  local code=0 said
  said=$(install "${@:3}") || code=$?
  [ "$code" -eq "$1" ] && [[ "$said" == *"$2"* ]] || {
    printf 'expected %s and "%s", got %s:\n%s\n' "$1" "$2" "$code" "$said"
    return 1
  }
}

@test "a full disk is told, and the version before goes on working" {
  release 1.0.0
  release 1.1.0
  disk=$BATS_TEST_TMPDIR/disk
  mkdir "$disk"
  ln -sfn "$disk" "$WINEPREFIX/dosdevices/d:"
  HOME_FOLDER=$disk/user WINDOWS_HOME='D:\user' ROOT_DIR=$disk/user/.llama-runner-pro
  export HOME_FOLDER WINDOWS_HOME ROOT_DIR REPOSITORY PATIENCE_S disk
  export -f install current typed on_the_disk end_windows
  # The server of this Windows opens the files, so it has to start where that disk is seen.
  end_windows
  run unshare -rm bash -ec '
    mount -t tmpfs -o size=20m none "$disk"
    mkdir "$HOME_FOLDER"
    on_the_disk 7 "600 MB are needed" --headless
    [ -z "$(ls -A "$HOME_FOLDER")" ]
    mount -o remount,size=640m "$disk"
    on_the_disk 0 "1.0.0 is installed" --headless --version 1.0.0
    TOOLS_AT="fill tar -xf" on_the_disk 9 "Is the disk full?"
    [ "$(current)" = 1.0.0 ]
    [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
    [ -z "$(find "$ROOT_DIR" -name "tmp.*" -o -name lock)" ]
    end_windows
  '
  # Also when one of these was not so.
  end_windows
  begin_windows
  is_code 0
}
