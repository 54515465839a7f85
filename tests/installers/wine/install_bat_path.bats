#!/usr/bin/env bats
# install.bat: the user's PATH in the registry, which is not ours to harm.
load wine
setup() {
  wine_setup
  unset LRP_NO_MODIFY_PATH
  release 1.0.0
  BIN="$WINDOWS_HOME\\.llama-runner-pro\\bin"
}
teardown() {
  wine_teardown
  registry delete /v Path /f >/dev/null 2>&1 || true
}

# The value with its type, as the registry writes it into a file: bytes, not what a program shows.
path_bytes() {
  wine reg export 'HKCU\Environment' "Z:${BATS_TEST_TMPDIR//\//\\}\\environment.reg" /y \
    >/dev/null 2>&1 3>&-
  iconv -f UTF-16 -t UTF-8 "$BATS_TEST_TMPDIR/environment.reg" | tr -d '\r' |
    sed -e ':a' -e '/\\$/N' -e 's/\\\n *//' -e ta | grep -i '^"path"=' || true
}

# in_hex TYPE TEXT: the same for a value of that type and text.
in_hex() {
  python3 - "$1" "$2" <<'PYTHON'
import sys
kind, text = sys.argv[1:]
if kind == "REG_SZ":
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    print(f'"Path"="{escaped}"')
else:
    octets = (text + "\0").encode("utf-16-le")
    print('"Path"=hex(2):' + ",".join(f"{octet:02x}" for octet in octets))
PYTHON
}

nothing_is_left() {
  run wine reg query 'HKCU\Software' 3>&-
  [[ "$output" != *LlamaRunnerPro* ]] || { echo "$output"; return 1; }
}

# What is there as text, and what was said.
differs() {
  registry query /v Path
  echo "$output"
  return 1
}

# goes_round TYPE TEXT: it is there, is added to, and is back after uninstalling.
goes_round() {
  local before
  registry add /v Path /t "$1" /d "$2" /f >/dev/null
  before=$(path_bytes)
  [ "$before" = "$(in_hex "$1" "$2")" ] 
  run install --headless
  is_code 0
  [ "$(path_bytes)" = "$(in_hex "$1" "${3:-$2;}$BIN")" ] || differs
  run install --uninstall
  is_code 0
  [ "$(path_bytes)" = "$before" ] || differs
  nothing_is_left
}

@test "a PATH with references, odd signs and 2 000 letters comes back byte for byte" {
  references='%SystemRoot%\x;%USERPROFILE%\AppData\Local\Microsoft\WindowsApps'
  odd='C:\a;;C:\b & c (d);C:\100^;C:\50%'
  long=$(printf 'C:\\one of many folders\\number %s;' $(seq 60))
  goes_round REG_EXPAND_SZ "$references;$odd;${long}D:\\"
}

@test "a PATH of the type REG_SZ stays of it" {
  goes_round REG_SZ 'C:\a;;C:\b & c (d);C:\100^;%NOT_MEANT%;D:\'
}

@test "behind a semicolon comes no other" {
  goes_round REG_EXPAND_SZ '%USERPROFILE%\apps;' '%USERPROFILE%\apps;'
}

@test "an empty PATH stays one, and where there was none, there is none afterwards" {
  registry add /v Path /t REG_SZ /d "" /f
  before=$(path_bytes)
  install --headless
  [ "$(path_bytes)" = "$(in_hex REG_SZ "$BIN")" ]
  install --uninstall
  [ "$(path_bytes)" = "$before" ]
  registry delete /v Path /f
  install --headless
  [ "$(path_bytes)" = "$(in_hex REG_EXPAND_SZ "$BIN")" ]
  install --uninstall
  [ -z "$(path_bytes)" ]
  nothing_is_left
  install --headless --no-modify-path
  [ -z "$(path_bytes)" ]
}

@test "what cannot be proven to survive is left alone, and the person is told" {
  # wine's cmd.exe reads a value again for its "!", and cannot put a backslash before a quotation
  # mark. That of Windows does neither; only there can these two be added to.
  registry add /v Path /t REG_EXPAND_SZ /d 'C:\Wow! a;%SystemRoot%;C:\Wow!' /f
  before=$(path_bytes)
  run install --headless
  is_code 0
  says "Add this folder yourself: $BIN"
  [ "$(path_bytes)" = "$before" ]
  registry add /v Path /t REG_EXPAND_SZ /d 'C:\a;"C:\b & c;d";%SystemRoot%' /f
  before=$(path_bytes)
  run install --headless --force
  is_code 0
  says "Add this folder yourself: $BIN"
  [ "$(path_bytes)" = "$before" ]
  registry add /v Path /t REG_MULTI_SZ /d 'C:\a' /f
  before=$(path_bytes)
  run install --headless --force
  is_code 0
  says "Add this folder yourself: $BIN"
  [ "$(path_bytes)" = "$before" ]
  run install --uninstall
  [ "$(path_bytes)" = "$before" ]
  nothing_is_left
}

@test "an upgrade adds nothing; a PATH that was changed since loses our folder only" {
  registry add /v Path /t REG_SZ /d 'C:\a;;C:\b & (c)' /f
  install --headless
  release 1.1.0
  install
  [ "$(path_bytes)" = "$(in_hex REG_SZ "C:\\a;;C:\\b & (c);$BIN")" ]
  registry add /v Path /t REG_SZ /d "C:\\a;;C:\\b & (c);$BIN;C:\\later;" /f
  install --uninstall
  [ "$(path_bytes)" = "$(in_hex REG_SZ 'C:\a;;C:\b & (c);C:\later;')" ]
  nothing_is_left
}

@test "before each change, a file is written that brings the PATH back" {
  registry add /v Path /t REG_EXPAND_SZ /d '%SystemRoot%\x;C:\a' /f
  registry add /v SECRET /d sesame /f
  before=$(path_bytes)
  install --headless
  backup=$(echo "$TEMPORARY"/llama-runner-pro-path.*.reg)
  ! iconv -f UTF-16 -t UTF-8 "$backup" | grep sesame
  install --uninstall
  [ "$(ls "$TEMPORARY"/llama-runner-pro-path.*.reg | wc -l)" -eq 2 ]
  registry delete /v Path /f
  wine reg import "Z:${backup//\//\\}" 3>&-
  grep -h "reg copy" "$TEMPORARY"/llama-runner-pro-install.*.log | head -1
  key=$(sed -n 's/.*reg copy \([^ ]*\) .*/\1/p' "$TEMPORARY"/*.log | head -1)
  wine reg copy "$key" 'HKCU\Environment' /f 3>&-
  [ "$(path_bytes)" = "$before" ]
  registry query /v SECRET
  wine reg delete "$key" /f 3>&-
}
