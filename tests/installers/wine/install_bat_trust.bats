#!/usr/bin/env bats
# install.bat: what is not proven to be the release is never unpacked, and never run.
load wine
setup() { wine_setup; }
teardown() { wine_teardown; }

nothing_was_done() {
  [ -z "$(ls -A "$HOME_FOLDER")" ] || { ls -laR "$HOME_FOLDER"; return 1; }
}

@test "a certutil that says nothing is a failure: wine's own is such a one" {
  release 1.0.0
  export LRP_CERTUTIL='C:\windows\system32\certutil.exe'
  run install --headless
  is_code 6
  says "certutil answered nothing"
  nothing_was_done
}

@test "a corrupt archive, and sums that are missing, wrong or doubled, are refused" {
  release 1.0.0
  good=$(cat "$RELEASES/SHA256SUMS")
  printf x | dd of="$RELEASES/$ARCHIVE" bs=1 seek=50 conv=notrunc 2>/dev/null
  run install --headless
  is_code 6
  says "is not what was released"
  nothing_was_done
  for bad in "" "0000  $ARCHIVE" "$good
$good" "$(echo "$good" | sed 's/^./g/')" "$(echo "$good" | sed 's/zip/zip.old/')"; do
    printf '%s\n' "$bad" >"$RELEASES/SHA256SUMS"
    run install --headless
    is_code 6
    nothing_was_done
  done
  rm "$RELEASES/SHA256SUMS"
  run install --headless
  is_code 6
  nothing_was_done
}

# hostile KIND: an archive that zip itself would not make.
hostile() {
  release 1.0.0
  python3 - "$RELEASES/$ARCHIVE" "$1" <<'PYTHON'
import sys, zipfile
target, kind = sys.argv[1:]
top = "llama-runner-pro-headless-1.0.0"
names = {
    "parent": f"{top}/../../evil", "absolute": "/evil", "second": "other/evil", "disk": "C:/evil",
    "backslash": f"{top}/..\\..\\evil", "quote": f'{top}/a" & echo evil>evil & "', "link": f"{top}/out",
    "stream": f"{top}/a:b", "percent": f"{top}/%TEMP%",
}
with zipfile.ZipFile(target, "a") as archive:
    entry = zipfile.ZipInfo(names[kind])
    entry.external_attr = (0o120777 if kind == "link" else 0o100755) << 16
    archive.writestr(entry, "C:/windows")
PYTHON
  sum
}

@test "an archive that would write or lead outside is refused, whatever the trick" {
  for kind in parent absolute second disk backslash quote link stream percent; do
    hostile "$kind"
    run install --headless
    is_code 9 || { echo "kind: $kind"; return 1; }
    says "cannot be trusted"
    nothing_was_done
    [ -z "$(find "$WINEPREFIX/drive_c" "$BATS_TEST_TMPDIR" -name evil)" ]
  done
}

@test "an archive that is none, or without the program, is refused" {
  release 1.0.0
  echo "no zip" >"$RELEASES/$ARCHIVE"
  sum
  run install --headless
  is_code 9
  release 1.0.0
  zip -qd "$RELEASES/$ARCHIVE" '*.exe'
  sum
  run install --headless
  is_code 9
  says "holds no"
  nothing_was_done
}

@test "a script that was cut off anywhere does nothing" {
  release 1.0.0
  size=$(wc -c <"$REPOSITORY/installers/install.bat")
  for cut in 2000 $((size / 10 * 2)) $((size / 10 * 3)) $((size / 10 * 4)) $((size / 10 * 5)) \
    $((size / 10 * 6)) $((size / 10 * 7)) $((size / 10 * 8)) $((size / 10 * 9)) $((size - 10)); do
    head -c "$cut" "$REPOSITORY/installers/install.bat" >"$BATS_TEST_TMPDIR/install.bat"
    SCRIPT="$BATS_TEST_TMPDIR/install.bat" run install --headless
    is_code 5
    says "incomplete"
    nothing_was_done
  done
}

@test "folders that must never be deleted, and versions that are paths, are refused" {
  release 1.0.0
  for bad in 'C:\' 'C:' "$WINDOWS_HOME" "$WINDOWS_HOME\\" 'C:\users' "$WINDOWS_HOME\\a\\.."; do
    run install --headless --dir "\"$bad\""
    is_code 2
    run install --uninstall --dir "\"$bad\""
    is_code 2
  done
  for bad in '..\..\etc' 1.0 1.0.0/.. 1.0.0- v1.0.0; do
    run install --headless --version "\"$bad\""
    is_code 2
  done
  LRP_VERSION='1.0.0&x' run install --headless
  is_code 2
  echo '../../1.0.0' >"$RELEASES/latest.txt"
  run install --headless
  is_code 6
  nothing_was_done
}

@test "a folder with foreign things under our names is refused" {
  release 1.0.0
  mkdir -p "$HOME_FOLDER/other/bin"
  run install --headless --dir "\"$WINDOWS_HOME\\other\""
  is_code 2
  run install --uninstall --dir "\"$WINDOWS_HOME\\other\""
  is_code 2
  [ -d "$HOME_FOLDER/other/bin" ]
  rm -r "$HOME_FOLDER/other"
}

@test "it downloads from a web server; 404 and addresses without encryption are refused" {
  release 1.0.0
  at_server
  run install --headless --version 7.7.7
  is_code 5
  nothing_was_done
  run install --headless
  is_code 0
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  for bad in http://example.org http://127.0.0.1.example.org http://127.0.0.1@example.org ftp://x; do
    run install --headless --base-url "$bad"
    is_code 2
  done
}

@test "missing tools, other processors and wrong options have their codes" {
  release 1.0.0
  LRP_TAR='C:\nothing.exe' run install --headless
  is_code 4
  LRP_CURL='C:\nothing.exe' LRP_BASE_URL=http://127.0.0.1:1 run install --headless --version 1.0.0
  is_code 4
  says "A tool is missing: C:\nothing.exe"
  for words in --nonsense --version --purge '--rollback --uninstall'; do
    run install --headless "$words"
    is_code 2
  done
  LRP_DRY_RUN=maybe run install
  is_code 2
  LRP_BASE_URL='' run install --headless
  is_code 2
  run install --help
  is_code 0
  says "--uninstall"
  nothing_was_done
}

@test "--offline installs a file with the sums beside it, and nothing that is not a release" {
  release 1.0.0
  archive="Z:${RELEASES//\//\\}\\$ARCHIVE"
  LRP_BASE_URL='' run install --offline "\"$archive\""
  is_code 0
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  cp "$RELEASES/$ARCHIVE" "$RELEASES/other.zip"
  run install --offline "\"Z:${RELEASES//\//\\}\\other.zip\""
  is_code 2
}
