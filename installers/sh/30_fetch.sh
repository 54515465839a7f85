
# --- Where releases come from --------------------------------------------------------------------

# Sets SOURCE (net, folder or file) and, for a folder, SOURCE_FOLDER.
choose_source() {
  SOURCE=net SOURCE_FOLDER='' PROTOCOLS='=https'
  if [ -n "$LRP_OFFLINE" ]; then
    SOURCE='file'
    return
  fi
  while [ "$LRP_BASE_URL" != / ] && [ "${LRP_BASE_URL%/}" != "$LRP_BASE_URL" ]; do
    LRP_BASE_URL=${LRP_BASE_URL%/}
  done
  case $LRP_BASE_URL in
    http*[?#]*)
      wrong_use "$LRP_BASE_URL: an address with ? or # in it is no folder that releases are in."
      ;;
    http*[[:space:]]*) wrong_use "'$LRP_BASE_URL' has a space in it; in an address that is %20." ;;
  esac
  case $LRP_BASE_URL in
    '') wrong_use "Where are the releases? Name the place with --base-url, or use --offline." ;;
    https://?*) ;;
    http://?*)
      is_this_computer "$LRP_BASE_URL" ||
        wrong_use "$LRP_BASE_URL is not encrypted: http:// is for this computer only."
      PROTOCOLS='=http,https'
      ;;
    file:///*) use_address "${LRP_BASE_URL#file://}" ;;
    file://localhost/*) use_address "${LRP_BASE_URL#file://localhost}" ;;
    /*) use_folder "$LRP_BASE_URL" ;;
    *) wrong_use "--base-url is '$LRP_BASE_URL'; it can be https://..., file:///... or /a/folder." ;;
  esac
}

use_folder() {
  SOURCE=folder SOURCE_FOLDER=$1
  [ -d "$1" ] || die "$EXIT_DOWNLOAD" "There is no folder $1." "Check the path of --base-url."
}

# use_address PATH: of a file:// address, where %C3%B6 stands for a letter and %25 for a percent.
use_address() {
  named_folder=$(decoded "$1") ||
    wrong_use "$LRP_BASE_URL: each % must begin the number of a letter, as in %20; % itself is %25."
  use_folder "$named_folder"
}

# decoded TEXT: fails when a % does not begin the number of a byte of a letter. The bytes come from
# the shell's printf, for those of awk differ.
decoded() {
  escaped=$(printf '%s\n' "$1" | awk '
    BEGIN {
      for (byte = 32; byte < 256; byte++)
        if (byte != 127) octal[sprintf("%02X", byte)] = sprintf("\\0%03o", byte)
    }
    {
      gsub(/\\/, "&&")
      while ((at = index($0, "%")) > 0) {
        digits = toupper(substr($0, at + 1, 2))
        if (!(digits in octal)) exit 1
        done = done substr($0, 1, at - 1) octal[digits]
        $0 = substr($0, at + 3)
      }
      print done $0
    }') || return 1
  printf '%b' "$escaped"
}

# Exactly a loopback name: not 127.0.0.1.example.org, nor 127.0.0.1@example.org.
is_this_computer() {
  host=${1#http://}
  host=${host%%/*}
  case $host in
    *@*) return 1 ;;
    \[::1\] | \[::1\]:*) return 0 ;;
  esac
  case ${host%%:*} in
    127.0.0.1 | localhost) return 0 ;;
  esac
  return 1
}

# address NAME: of a file of this release. A GitHub project keeps each release in a folder.
address() {
  case $LRP_BASE_URL in
    https://github.com/*/*/releases)
      if [ "$1" = latest.txt ]; then
        printf '%s/latest/download/%s\n' "$LRP_BASE_URL" "$1"
      else
        printf '%s/download/v%s/%s\n' "$LRP_BASE_URL" "$VERSION" "$1"
      fi
      ;;
    *) printf '%s/%s\n' "$LRP_BASE_URL" "$1" ;;
  esac
}

# Sets FETCHER: curl, or wget where there is no curl that will do.
choose_fetcher() {
  case $(command -v curl) in
    '') unfit='Neither curl nor wget is here' ;;
    */snap/bin/*) unfit='The curl of snap may not write to hidden folders' ;;
    *)
      FETCHER=curl
      return
      ;;
  esac
  if have wget; then
    FETCHER=wget
    [ "$PROTOCOLS" = =https ] && wget --help 2>&1 | grep -qi busybox || return 0
    unfit='The wget of busybox does not check whom it talks to'
  fi
  die "$EXIT_TOOL" "$unfit, so nothing can be downloaded." \
    "Install curl with your system's package program, or download the archive elsewhere and" \
    "use --offline FILE."
}

# --globoff: brackets and braces in an address are just that.
curl_get() {
  curl --proto "$PROTOCOLS" --proto-redir '=https' --tlsv1.2 -fL --globoff --retry 3 \
    --connect-timeout 15 --speed-limit 1024 --speed-time 60 "$@"
}

# wget follows redirections to addresses without encryption, so those get a proxy that is none.
wget_get() {
  if [ "$PROTOCOLS" = =https ]; then
    http_proxy=http://127.0.0.1:9 wget -q -T 30 --tries=3 "$@"
  else
    wget -q -T 30 "$@"
  fi
}

# fetch_text NAME: a small file of the release on stdout.
fetch_text() {
  case $SOURCE in
    folder) cat "$SOURCE_FOLDER/$1" ;;
    file) cat "$(dirname -- "$LRP_OFFLINE")/$1" ;;
    net)
      if [ "$FETCHER" = curl ]; then
        curl_get -sS --max-time 120 "$(address "$1")"
      else
        wget_get -O - "$(address "$1")"
      fi
      ;;
  esac
}

# fetch_archive FILE: the archive, going on where a broken connection left off.
fetch_archive() {
  case $SOURCE in
    folder) cp "$SOURCE_FOLDER/$ARCHIVE" "$1" ;;
    file) cp "$LRP_OFFLINE" "$1" ;;
    net)
      if [ "$FETCHER" = curl ]; then
        download_with_curl "$1"
      else
        wget_get -O "$1" "$(address "$ARCHIVE")"
      fi
      ;;
  esac
}

download_with_curl() {
  progress=-sS
  [ ! -t 2 ] || [ "$LRP_QUIET" = 1 ] || progress='--progress-bar'
  for _ in 1 2 3; do
    if curl_get "$progress" -C - -o "$1" "$(address "$ARCHIVE")"; then
      return 0
    fi
    # Nothing arrived, so there is nothing to go on from: the answer will not change.
    [ -s "$1" ] || return 1
  done
  # Perhaps the server cannot send the rest of a file.
  rm -f "$1"
  curl_get "$progress" -o "$1" "$(address "$ARCHIVE")"
}

# Nothing when it cannot be told.
archive_size_kb() {
  case $SOURCE in
    folder) size_of_file_kb "$SOURCE_FOLDER/$ARCHIVE" ;;
    file) size_of_file_kb "$LRP_OFFLINE" ;;
    net)
      [ "$FETCHER" = curl ] || return 0
      curl_get -sI --max-time 30 "$(address "$ARCHIVE")" 2>/dev/null | tr -d '\r' |
        awk 'tolower($1) == "content-length:" { bytes = $2 }
          END { if (bytes > 0) print int(bytes / 1024) + 1 }'
      ;;
  esac
}

size_of_file_kb() {
  [ -r "$1" ] ||
    die "$EXIT_DOWNLOAD" "There is no ${1##*/} in ${1%/*}." "Check the path and the version."
  awk -v bytes="$(wc -c <"$1")" 'BEGIN { print int(bytes / 1024) + 1 }'
}

# Sets VERSION and ARCHIVE.
choose_version() {
  if [ "$SOURCE" = file ]; then
    name_from_file
    return
  fi
  VERSION=$LRP_VERSION
  if [ -z "$VERSION" ] || [ "$VERSION" = latest ]; then
    VERSION=$(fetch_text latest.txt) ||
      die "$EXIT_DOWNLOAD" "Could not learn which version is the newest." \
        "Tried: $(address latest.txt)" \
        "Check the connection and the proxy (https_proxy), or name one with --version."
    is_version "$VERSION" ||
      die "$EXIT_VERIFY" "What $LRP_BASE_URL calls its newest version is not a version." \
        "Name one with --version."
  fi
  ARCHIVE=$(archive_name "$VERSION")
}

archive_name() {
  stem=llama-runner-pro
  [ "$VARIANT" = desktop ] || stem=llama-runner-pro-headless
  ending=tar.gz
  [ "$OS_WORD$VARIANT" != macosdesktop ] || ending=zip
  printf '%s-%s-%s-%s.%s\n' "$stem" "$1" "$OS_WORD" "$ARCH_WORD" "$ending"
}

# The name says what is in the file; a renamed file has no line in SHA256SUMS anyway.
name_from_file() {
  case $LRP_OFFLINE in
    /*) ;;
    *) LRP_OFFLINE=$PWD/$LRP_OFFLINE ;;
  esac
  ARCHIVE=${LRP_OFFLINE##*/}
  case $ARCHIVE in
    llama-runner-pro-headless-*) VARIANT=headless VERSION=${ARCHIVE#llama-runner-pro-headless-} ;;
    llama-runner-pro-*) VARIANT=desktop VERSION=${ARCHIVE#llama-runner-pro-} ;;
    *) wrong_use "$ARCHIVE is not the name of a release archive." ;;
  esac
  VERSION=${VERSION%%-"$OS_WORD-$ARCH_WORD".*}
  is_version "$VERSION" && [ "$ARCHIVE" = "$(archive_name "$VERSION")" ] ||
    wrong_use "$ARCHIVE is not a release archive for $OS_WORD-$ARCH_WORD."
}

# --- Verification ----------------------------------------------------------------------------------

sha256_of() {
  if have sha256sum; then
    sha256sum <"$1"
  elif have shasum; then
    shasum -a 256 <"$1"
  else
    openssl dgst -sha256 -r <"$1"
  fi | awk '{ print tolower($1) }'
}

download() {
  step "Downloading $ARCHIVE"
  fetch_archive "$WORK/$ARCHIVE" ||
    die "$EXIT_DOWNLOAD" "Could not download $ARCHIVE." \
      "Tried: ${LRP_OFFLINE:-$(address "$ARCHIVE")}" \
      "Check the connection, the proxy (https_proxy), free space, and that version $VERSION exists."
}

verify() {
  if [ "$LRP_INSECURE_SKIP_VERIFY" = 1 ]; then
    printf '%s\n' "WARNING: LRP_INSECURE_SKIP_VERIFY=1: nobody vouches for this archive." >&2
    return
  fi
  step "Verifying"
  fetch_text SHA256SUMS >"$WORK/SHA256SUMS" ||
    die "$EXIT_VERIFY" "The release has no SHA256SUMS, so the download cannot be trusted." \
      "Nothing was changed. Try again later, or ask where the release comes from."
  check_signature
  expected=$(awk -v name="$ARCHIVE" '{ file = $2; sub(/^\*/, "", file) }
    file == name { print tolower($1) }' "$WORK/SHA256SUMS")
  printf '%s\n' "$expected" | grep -Eqx '[0-9a-f]{64}' && [ "${#expected}" -eq 64 ] ||
    die "$EXIT_VERIFY" "SHA256SUMS has no single line for $ARCHIVE." "Nothing was changed."
  actual=$(sha256_of "$WORK/$ARCHIVE")
  [ "$actual" = "$expected" ] ||
    die "$EXIT_VERIFY" "$ARCHIVE is not what was released." "expected $expected" \
      "got      ${actual:-nothing}" "Nothing was changed. Try again; if it stays so, report it."
}

check_signature() {
  signature=$WORK/SHA256SUMS.minisig
  if fetch_text SHA256SUMS.minisig >"$signature" 2>/dev/null && [ -s "$signature" ] &&
    [ -n "$LRP_PUBLIC_KEY" ] && have minisign; then
    minisign -Vqm "$WORK/SHA256SUMS" -x "$signature" -P "$LRP_PUBLIC_KEY" >&2 ||
      die "$EXIT_VERIFY" "The signature of SHA256SUMS is wrong." "Nothing was changed."
    return
  fi
  [ "$LRP_REQUIRE_SIGNATURE" = 0 ] ||
    die "$EXIT_VERIFY" "A signature is required (LRP_REQUIRE_SIGNATURE) and could not be checked." \
      "That takes minisign, LRP_PUBLIC_KEY, and SHA256SUMS.minisig in the release."
}
