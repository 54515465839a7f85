#!/bin/sh
# Installs, upgrades, rolls back and uninstalls LlamaRunner Pro on Linux and macOS.
#
#   curl -fsSL ADDRESS/install.sh | bash
#   curl -fsSL ADDRESS/install.sh | bash -s -- --version 1.4.0
#
# Assembled from installers/sh by `npm run build:installers`: change the parts, not this file.
# Plain POSIX shell: runs under bash 3.2 and later, dash, zsh's sh and busybox. Everything is a
# function and the last lines call the first one, so a script that was cut off does nothing.
#
# "die" never returns, so "A && B || die" is what it looks like:
# shellcheck disable=SC2015
set -u

# Where releases are; stamped in when a release is made.
LRP_RELEASES=''

EXIT_USAGE=2
EXIT_PLATFORM=3
EXIT_TOOL=4
EXIT_DOWNLOAD=5
EXIT_VERIFY=6
EXIT_SPACE=7
EXIT_RUNNING=8
EXIT_UNPACK=9
EXIT_ROLLED_BACK=10
EXIT_INTERRUPTED=130

# The program is frozen on Debian 12; its Python library asks for no older C library.
GLIBC_FLOOR='2.35'
# What is assumed of an archive whose size nobody tells.
GUESS_DESKTOP_KB=150000
GUESS_HEADLESS_KB=60000
# Everything below the folder that is ours; all else in it is data.
OWN_NAMES='versions current previous.txt bin env env.fish resume.sh receipt.json'
BACKEND='llama-runner-pro-backend'
APP='LlamaRunnerPro.app'
SERVICE='llama-runner-pro.service'
AGENT='pro.llamarunner.sidecar'

usage() {
  cat <<'WORDS'
Installs LlamaRunner Pro for you alone, below ~/.llama-runner-pro; nobody needs to be root.

  install.sh [OPTIONS]

What to do (the default is to install or upgrade):
  --rollback            go back to the version before
  --uninstall           remove the program; settings, history and models stay
  --purge               with --uninstall: settings, history and logs too (asks; models stay)
  --print-config        print what would be used, and do nothing
  --help                this page

What to install:
  --version X           this version instead of the newest             LRP_VERSION
  --headless            the server without the desktop window          LRP_HEADLESS=1
  --desktop             with the window again, after --headless        LRP_HEADLESS=0
  --base-url URL        where releases are: https://, file:// or a folder; http:// only
                        for this computer                              LRP_BASE_URL
  --offline FILE        this archive; SHA256SUMS lies beside it        LRP_OFFLINE
  --force               even if this version is installed already      LRP_FORCE=1

Where and how:
  --dir FOLDER          instead of ~/.llama-runner-pro                 LRP_HOME
  --no-modify-path      leave shell files alone                        LRP_NO_MODIFY_PATH=1
  --no-desktop          no menu entry and icons                        LRP_NO_DESKTOP=1
  --service             start at login, kept running by the system     LRP_SERVICE=1
  --start               start it in the background now                 LRP_START=1
  --allow-root          let root install for root                      LRP_ALLOW_ROOT=1
  --yes                 take every question as answered with yes       LRP_YES=1
  --quiet               say errors only                                LRP_QUIET=1
  --dry-run             say what would be done, write nothing          LRP_DRY_RUN=1

A flag wins over its variable. LRP_REQUIRE_SIGNATURE=1 demands a minisign signature by the key
in LRP_PUBLIC_KEY; LRP_INSECURE_SKIP_VERIFY=1 installs what nobody has vouched for.

Exit codes: 0 done, 2 wrong use, 3 this system is not supported, 4 a tool is missing,
5 download, 6 verification, 7 no space or permission, 8 locked or still running,
9 unpacking or self-test, 10 rolled back to the version before, 130 interrupted.
WORDS
}

# --- Language ----------------------------------------------------------------------------------

# Tools read and sort bytes, whatever the language here: sed, tr and awk of macOS refuse letters
# that are none in theirs. What we start gets its own language back.
take_plain_locale() {
  OWN_LOCALE=${LC_ALL-} OWN_LOCALE_SET=${LC_ALL+1}
  LC_ALL=C
  export LC_ALL
}

own_locale() {
  if [ -n "$OWN_LOCALE_SET" ]; then LC_ALL=$OWN_LOCALE; else unset LC_ALL; fi
}

# --- Words -------------------------------------------------------------------------------------

choose_colours() {
  BOLD='' RED='' YELLOW='' PLAIN=''
  if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    BOLD=$(printf '\033[1m') RED=$(printf '\033[31m')
    YELLOW=$(printf '\033[33m') PLAIN=$(printf '\033[0m')
  fi
}

say() {
  [ "$LRP_QUIET" = 1 ] || printf '%s\n' "$*" >&2
}

step() {
  say "$BOLD==>$PLAIN $*"
}

warn() {
  [ "$LRP_QUIET" = 1 ] || printf '%swarning:%s %s\n' "$YELLOW" "$PLAIN" "$*" >&2
}

# die CODE WHAT [LINE...]: what failed, then what was tried or what to do next.
die() {
  die_code=$1
  printf '%serror:%s %s\n' "$RED" "$PLAIN" "$2" >&2
  shift 2
  for die_line; do
    printf '       %s\n' "$die_line" >&2
  done
  exit "$die_code"
}

have() {
  command -v "$1" >/dev/null 2>&1
}

dry() {
  [ "$LRP_DRY_RUN" = 1 ]
}

nap() {
  sleep 0.1 2>/dev/null || sleep 1
}

now_s() {
  date +%s
}

# quoted WORD: as one word of shell code.
quoted() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# backslashed WORD: for a JSON string, between its double quotes.
backslashed() {
  printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'
}

# --- Options -----------------------------------------------------------------------------------

SWITCHES='HEADLESS FORCE NO_MODIFY_PATH NO_DESKTOP SERVICE START ALLOW_ROOT YES QUIET DRY_RUN
  UNINSTALL PURGE ROLLBACK PRINT_CONFIG INSECURE_SKIP_VERIFY REQUIRE_SIGNATURE'

wrong_use() {
  die "$EXIT_USAGE" "$1" "See all options: install.sh --help"
}

# Switches come from the environment as 0 or 1; anything else is a mistake worth telling.
take_environment() {
  LRP_VERSION=${LRP_VERSION:-}
  LRP_BASE_URL=${LRP_BASE_URL:-$LRP_RELEASES}
  LRP_OFFLINE=${LRP_OFFLINE:-}
  LRP_PUBLIC_KEY=${LRP_PUBLIC_KEY:-}
  HEADLESS_ASKED=${LRP_HEADLESS:+1}
  DIR_GIVEN=${LRP_HOME+1}
  DIR_GIVEN=${DIR_GIVEN:-0}
  for name in $SWITCHES; do
    value=$(eval "printf '%s' \"\${LRP_$name:-0}\"")
    case $value in
      0 | 1) eval "LRP_$name=$value" ;;
      *) wrong_use "LRP_$name is '$value'; it can be 0 or 1." ;;
    esac
  done
}

needs_value() {
  [ "$2" -ge 2 ] || wrong_use "$1 needs a value."
}

take_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --dir | --base-url | --offline)
        needs_value "$1" $#
        take_value "$1" "$2"
        shift
        ;;
      --version=* | --dir=* | --base-url=* | --offline=*) take_value "${1%%=*}" "${1#*=}" ;;
      --headless) LRP_HEADLESS=1 HEADLESS_ASKED=1 ;;
      --desktop) LRP_HEADLESS=0 HEADLESS_ASKED=1 ;;
      --help | -h)
        usage
        exit 0
        ;;
      --force | --no-modify-path | --no-desktop | --service | --start | --allow-root | --yes | \
        --quiet | --dry-run | --uninstall | --purge | --rollback | --print-config)
        eval "LRP_$(printf '%s' "${1#--}" | tr 'a-z-' 'A-Z_')=1"
        ;;
      -y) LRP_YES=1 ;;
      -q) LRP_QUIET=1 ;;
      *) wrong_use "There is no option $1." ;;
    esac
    shift
  done
}

take_value() {
  case $1 in
    --version) LRP_VERSION=$2 ;;
    --dir) LRP_HOME=$2 DIR_GIVEN=1 ;;
    --base-url) LRP_BASE_URL=$2 ;;
    --offline) LRP_OFFLINE=$2 ;;
  esac
}

check_options() {
  if [ "$LRP_PURGE" = 1 ] && [ "$LRP_UNINSTALL" = 0 ]; then
    wrong_use "--purge goes with --uninstall."
  fi
  if [ "$LRP_ROLLBACK" = 1 ] && [ "$LRP_UNINSTALL" = 1 ]; then
    wrong_use "--rollback and --uninstall exclude each other."
  fi
  [ -z "$LRP_VERSION" ] || [ "$LRP_VERSION" = latest ] || check_version "$LRP_VERSION"
  choose_folder
}

# A version becomes part of paths and addresses: nothing but this form may.
is_version() {
  [ "$(printf '%s' "$1" | wc -l)" -eq 0 ] &&
    printf '%s\n' "$1" | grep -Eq '^[0-9]+\.[0-9]+\.[0-9]+([-.][0-9A-Za-z.]+)?$'
}

check_version() {
  is_version "$1" || wrong_use "'$1' is not a version such as 1.4.0."
}

choose_folder() {
  case ${HOME:-} in
    /*) ;;
    *) wrong_use "HOME is not set to an absolute path, so there is no place to install to." ;;
  esac
  [ "$DIR_GIVEN" = 1 ] || LRP_HOME=$HOME/.llama-runner-pro
  case $LRP_HOME in
    '') wrong_use "The folder to install into is empty (--dir, LRP_HOME)." ;;
    /*) ;;
    *) LRP_HOME=$PWD/$LRP_HOME ;;
  esac
  case $LRP_HOME$HOME in
    *[[:cntrl:]]*) wrong_use "Folders whose name holds control characters cannot be used." ;;
  esac
  case $LRP_HOME/ in
    */../* | */./*) wrong_use "$LRP_HOME: please name the folder without . and .. in between." ;;
  esac
  while [ "$LRP_HOME" != / ] && [ "${LRP_HOME%/}" != "$LRP_HOME" ]; do
    LRP_HOME=${LRP_HOME%/}
  done
  case $LRP_HOME in
    *:*) wrong_use "$LRP_HOME: a folder with a colon in its name cannot be on the PATH." ;;
  esac
  refuse_dangerous_folder
  choose_data_folder
  RECEIPT=$LRP_HOME/receipt.json
  RESUME=$LRP_HOME/resume.sh
}

# As the program reads the variable.
choose_data_folder() {
  DATA_HOME=${LLAMA_RUNNER_PRO_HOME:-$HOME/.llama-runner-pro}
  case $DATA_HOME in
    /*) ;;
    \~) DATA_HOME=$HOME ;;
    \~/*) DATA_HOME=$HOME/${DATA_HOME#??} ;;
    *) DATA_HOME=$PWD/$DATA_HOME ;;
  esac
}

real_folder() {
  (cd -P "$1" 2>/dev/null && pwd -P) || printf '%s\n' "$1"
}

# Never the root, the home or a folder that holds the home: uninstalling deletes below it.
refuse_dangerous_folder() {
  ! holds_home "$LRP_HOME" ||
    wrong_use "$LRP_HOME holds your home folder; LlamaRunner Pro needs a folder of its own."
}

# By name, and by what the names lead to: a mount or letter case can give a folder two of them.
holds_home() {
  real_target=$(real_folder "$1")
  [ "$real_target" = / ] && return 0
  above=$(real_folder "$HOME")
  while [ -n "$above" ]; do
    # Every shell this is for knows -ef.
    # shellcheck disable=SC3013
    [ "$above" != "$real_target" ] && ! [ "$above" -ef "$real_target" ] || return 0
    above=${above%/*}
  done
  return 1
}

# An upgrade keeps to what was chosen before, until somebody asks for something else.
choose_variant() {
  if [ -z "$HEADLESS_ASKED" ] && [ "$(receipt_value variant)" = headless ]; then
    LRP_HEADLESS=1
  fi
  [ "$(receipt_value modify_path)" != no ] || LRP_NO_MODIFY_PATH=1
  [ "$(receipt_value menu)" != no ] || LRP_NO_DESKTOP=1
  VARIANT=desktop
  [ "$LRP_HEADLESS" = 0 ] || VARIANT=headless
}

print_config() {
  cat <<WORDS
version=${LRP_VERSION:-latest}
variant=$VARIANT
target=$OS_WORD-$ARCH_WORD
dir=$LRP_HOME
data=$DATA_HOME
base_url=$LRP_BASE_URL
offline=$LRP_OFFLINE
modify_path=$((1 - LRP_NO_MODIFY_PATH))
desktop_entry=$((1 - LRP_NO_DESKTOP))
service=$LRP_SERVICE
start=$LRP_START
verify=$((1 - LRP_INSECURE_SKIP_VERIFY))
require_signature=$LRP_REQUIRE_SIGNATURE
installed=$(receipt_value version)
WORDS
}

# --- Checks: all of them before anything is written ----------------------------------------------

find_platform() {
  os_name=$(uname -s)
  machine=$(uname -m)
  case $os_name in
    Linux) OS_WORD=linux ;;
    Darwin) OS_WORD=macos ;;
    MINGW* | MSYS* | CYGWIN*)
      die "$EXIT_PLATFORM" "This is Windows." "Use install.bat, or run this inside WSL 2."
      ;;
    *)
      die "$EXIT_PLATFORM" "There is no build for $os_name." \
        "With Python 3.11 or newer: pip install llama-runner-pro"
      ;;
  esac
  case $machine in
    x86_64 | amd64) ARCH_WORD=x64 ;;
    aarch64 | arm64) ARCH_WORD=arm64 ;;
    *)
      die "$EXIT_PLATFORM" "There is no build for $machine processors (only x64 and arm64)." \
        "With Python 3.11 or newer: pip install llama-runner-pro"
      ;;
  esac
  # Under Rosetta an Apple processor says that it is an Intel one.
  if [ "$OS_WORD" = macos ] && [ "$ARCH_WORD" = x64 ] &&
    [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
    ARCH_WORD=arm64
  fi
}

check_platform() {
  [ "$OS_WORD" = linux ] || return 0
  if [ "$(getconf LONG_BIT 2>/dev/null)" = 32 ]; then
    die "$EXIT_PLATFORM" "The processor has 64 bits, but this system's programs have 32." \
      "Install a 64-bit system; there is no 32-bit build."
  fi
  # WSL 1 says -Microsoft; WSL 2 says -microsoft-standard-WSL2.
  case $(uname -r) in
    *-Microsoft)
      die "$EXIT_PLATFORM" "WSL 1 lacks what model servers need." \
        "Turn this distribution into WSL 2, in PowerShell: wsl --set-version NAME 2"
      ;;
  esac
  check_libc
}

check_libc() {
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=''
  case $libc in
    glibc\ *)
      libc=${libc#glibc }
      at_least "$libc" "$GLIBC_FLOOR" ||
        die "$EXIT_PLATFORM" "This system has glibc $libc; the build needs $GLIBC_FLOOR or newer." \
          "Use Docker, or with Python 3.11 or newer: pip install llama-runner-pro"
      return
      ;;
  esac
  libc=$(ldd --version 2>&1 | sed -n 1p)
  case $libc in
    *musl*)
      die "$EXIT_PLATFORM" "This system uses musl (Alpine and others); the build needs glibc." \
        "Use Docker, or with Python 3.11 or newer: pip install llama-runner-pro"
      ;;
  esac
  warn "Could not tell which C library this system has; going on."
}

# at_least A B: whether version A is B or newer, by their first two numbers.
at_least() {
  printf '%s %s\n' "$1" "$2" | awk '{
    split($1, a, "."); split($2, b, ".")
    exit !(a[1] + 0 > b[1] + 0 || (a[1] + 0 == b[1] + 0 && a[2] + 0 >= b[2] + 0))
  }'
}

check_tools() {
  missing=''
  for tool in tar gzip awk sed grep df mkdir mv ln readlink find tr wc; do
    have "$tool" || missing="$missing $tool"
  done
  if [ "$OS_WORD" = macos ] && [ "$VARIANT" = desktop ]; then
    have ditto || missing="$missing ditto"
    have unzip || missing="$missing unzip"
  fi
  [ -z "$missing" ] || die "$EXIT_TOOL" "Missing tools:$missing." "Install them, then try again."
  [ "$SOURCE" != net ] || choose_fetcher
  [ "$LRP_INSECURE_SKIP_VERIFY" = 1 ] || have sha256sum || have shasum || have openssl ||
    die "$EXIT_TOOL" "No tool can check the download (sha256sum, shasum or openssl)." \
      "Install one of them, then try again."
}

check_user() {
  [ "$(id -u)" != 0 ] || [ "$LRP_ALLOW_ROOT" = 1 ] ||
    die "$EXIT_USAGE" "You are root. LlamaRunner Pro belongs to one user and needs no root." \
      "Run this as yourself, without sudo; in a container or on purpose: --allow-root"
  # Every shell this is for knows -O.
  # shellcheck disable=SC3067
  [ -O "$HOME" ] || ! [ -d "$HOME" ] ||
    warn "$HOME belongs to somebody else than $(id -un), who will own what is put there." \
      "With sudo, \"sudo -H\" takes the home of the other user."
}

nearest_folder() {
  nearest=$1
  while [ ! -d "$nearest" ]; do
    nearest=${nearest%/*}
    [ -n "$nearest" ] || nearest=/
  done
  printf '%s\n' "$nearest"
}

# A folder that is there already must be ours, or hold nothing under our names.
check_folder() {
  if [ -e "$LRP_HOME" ] && [ ! -d "$LRP_HOME" ]; then
    die "$EXIT_SPACE" "$LRP_HOME is a file." "Move it away, or choose another folder with --dir."
  fi
  if [ ! -f "$RECEIPT" ]; then
    for name in $OWN_NAMES; do
      if [ -e "$LRP_HOME/$name" ] || [ -L "$LRP_HOME/$name" ]; then
        die "$EXIT_USAGE" "$LRP_HOME holds '$name', which this installer did not put there." \
          "Choose another folder with --dir, or move that away."
      fi
    done
  fi
  existing=$(nearest_folder "$LRP_HOME")
  [ -w "$existing" ] && [ -x "$existing" ] ||
    die "$EXIT_SPACE" "$existing cannot be written to." \
      "Make it writable, or choose another folder with --dir."
  check_noexec "$existing"
}

check_noexec() {
  [ -r /proc/self/mounts ] || return 0
  mounted_at=$(df -P "$1" 2>/dev/null | awk 'NR == 2 { print substr($0, index($0, "% ") + 2) }')
  options=$(awk -v at="$mounted_at" '{
    gsub(/\\040/, " ", $2); if ($2 == at) found = $4
  } END { print found }' /proc/self/mounts)
  case ,$options, in
    *,noexec,*)
      die "$EXIT_SPACE" "Programs may not be run from $mounted_at (mounted noexec)." \
        "Choose a folder elsewhere with --dir."
      ;;
  esac
}

# Three times the archive: itself, what is in it, and room to breathe.
check_space() {
  archive_kb=$(archive_size_kb) || exit "$EXIT_DOWNLOAD"
  if [ -z "$archive_kb" ]; then
    archive_kb=$GUESS_DESKTOP_KB
    [ "$VARIANT" = desktop ] || archive_kb=$GUESS_HEADLESS_KB
  fi
  needed_kb=$((archive_kb * 3))
  free_kb=$(df -Pk "$(nearest_folder "$LRP_HOME")" | awk 'NR == 2 { print $4 }')
  case $free_kb in
    '' | *[!0-9]*)
      warn "Could not tell how much space is free in $LRP_HOME; going on."
      return
      ;;
  esac
  [ "$free_kb" -ge "$needed_kb" ] ||
    die "$EXIT_SPACE" "$LRP_HOME: $((needed_kb / 1024 + 1)) MB are needed," \
      "$((free_kb / 1024)) MB are free. Make room, or choose another disk with --dir."
}

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

# --- What runs ---------------------------------------------------------------------------------

# Sets RUN_PID: the sidecar of the data folder, or nothing.
find_running() {
  RUN_PID=''
  presence=$DATA_HOME/run/sidecar.json
  [ -r "$presence" ] || return 0
  found=$(sed -n 's/.*"pid": *\([0-9][0-9]*\).*/\1/p' "$presence")
  [ -n "$found" ] && kill -0 "$found" 2>/dev/null && RUN_PID=$found
  return 0
}

# Sets RUN_MODE: none, foreign (not put here by us), service, desktop or plain; and RUN_NAME, the
# folder of its version. What a killed run stopped and nobody started counts as running.
note_running() {
  RUN_MODE=none RUN_NAME=''
  find_running
  if [ -z "$RUN_PID" ]; then
    RUN_MODE=$(promised_mode)
    return
  fi
  run_line=$(sh -c "$SERVING_WORDS" serving "$DATA_HOME")
  versions=$(real_folder "$LRP_HOME")/versions/
  case $run_line in
    *"$versions"*) ;;
    *)
      RUN_MODE=foreign
      return
      ;;
  esac
  RUN_NAME=${run_line#*"$versions"}
  RUN_NAME=${RUN_NAME%%/*}
  case $run_line in
    *' --desktop'*) RUN_MODE=desktop ;;
    *) RUN_MODE=plain ;;
  esac
  ! service_is_active || RUN_MODE=service
}

# systemd restarts in one step, which it ends even if we are gone.
restarts_in_one_step() {
  [ "$RUN_MODE" = service ] && [ "$OS_WORD" = linux ]
}

# stop_running PROGRAM: through the program's own command, which proves whom it stops.
stop_running() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  if restarts_in_one_step; then
    systemctl --user stop "$SERVICE" >&2
  fi
  RESTART_DUE=1
  if ! "$1" stop --timeout-s 15 >"$WORK/stopped" 2>&1; then
    sed 's/^/       /' "$WORK/stopped" >&2
    RESTART_DUE=0
    rm -f "$RESUME"
    die "$EXIT_RUNNING" "The running LlamaRunner Pro (process $RUN_PID) did not stop." \
      "Nothing was changed. End it, then try again."
  fi
}

# Starts what ran before, the way it ran, from the version that is current now.
start_again() {
  RESTART_DUE=0 STARTED_PID=''
  if restarts_in_one_step; then
    note_started later
    systemctl --user restart "$SERVICE" >&2
    return
  fi
  [ -f "$RESUME" ] || return 0
  if [ "$RUN_MODE" = desktop ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] &&
    [ "$OS_WORD" = linux ]; then
    warn "The window was closed for this, and cannot be opened from here; open it from the menu."
    return
  fi
  detached / sh -c "$(cat "$RESUME")"
  # launchd's own command has done its part when it ends.
  [ "$RUN_MODE" != service ] || STARTED_PID=''
  note_started "${STARTED_PID:-later}"
}

# detached FOLDER PROGRAM...: outlives us and our terminal. Sets STARTED_PID.
detached() {
  started_in=$1
  shift
  (umask 077 && mkdir -p "$DATA_HOME/logs")
  apart='nohup'
  ! have setsid || apart='setsid nohup'
  (
    # At our end these are ignored, and who is started then would ignore them for ever.
    trap - INT TERM HUP PIPE
    own_locale
    cd "$started_in" || cd /
    # shellcheck disable=SC2086 # two words
    exec $apart "$@"
  ) >>"$DATA_HOME/logs/started.log" 2>&1 </dev/null &
  STARTED_PID=$!
}

# Whether the sidecar that we started answers; asks until it does, it ends, or 40 s are over.
answers() {
  until_s=$(($(now_s) + 40))
  while [ "$(now_s)" -lt "$until_s" ]; do
    find_running
    if [ -n "$RUN_PID" ]; then
      "$LAUNCHER" status >/dev/null 2>&1
      # 69 is the program's word for: nothing runs. 0 and 1 are answers.
      [ $? -ne 69 ] && return 0
    fi
    [ -z "$STARTED_PID" ] || kill -0 "$STARTED_PID" 2>/dev/null || return 1
    nap
  done
  return 1
}

# --- The switch ----------------------------------------------------------------------------------

# Whether what is current now does its work: with what ran before, or by its version alone.
works() {
  case $RUN_MODE in
    plain | service)
      start_again && answers
      ;;
    *)
      [ "$("$LAUNCHER" version 2>/dev/null)" = "llama-runner-pro ${1%%~*}" ] || return 1
      start_again
      ;;
  esac
}

# activate NAME: makes a version current; goes back by itself when that does not work.
activate() {
  before=$(current_name)
  note_running
  if [ "$before" = "$1" ]; then
    catch_up "$1"
    return
  fi
  earlier=$(cat "$LRP_HOME/previous.txt" 2>/dev/null) || earlier=''
  pause_running "${before:-$1}" "$before" "$earlier"
  # Before the switch: a kill right after it must not leave the way back unknown.
  note_previous "$before"
  UNPROVEN=1
  swap "$1" || {
    UNPROVEN=0
    note_previous "$earlier"
    die "$EXIT_SPACE" "Could not switch to version ${1%%~*}." "Is the disk full?"
  }
  prove "$1" || go_back "$1"
}

# prove NAME: whether it works. Whatever interrupts this leaves the promise to its watcher.
prove() {
  UNPROVEN=1
  works "$1" || return 1
  UNPROVEN=0
  rm -f "$RESUME"
}

# catch_up NAME: it is current, but a run that was killed left another version running, or nothing.
catch_up() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  [ "$RUN_NAME" != "$1" ] || return 0
  before=$RUN_NAME earlier=''
  pause_running "$1" "$before" ''
  ! prove "$1" || return 0
  [ -z "$before" ] || go_back "$1"
  UNPROVEN=0
  rm -f "$RESUME"
  warn "What ran before did not start again; see $DATA_HOME/logs/started.log"
}

# pause_running NAME BEFORE EARLIER: stops what runs, by the program of the version NAME, with a
# promise to make the versions BEFORE and EARLIER what they were.
pause_running() {
  promise "$2" "$3"
  restarts_in_one_step || stop_running "$(backend_in "$LRP_HOME/versions/$1")"
}

note_previous() {
  if [ -n "$1" ]; then
    printf '%s\n' "$1" | put "$LRP_HOME/previous.txt"
  else
    rm -f "$LRP_HOME/previous.txt"
  fi
}

# go_back NAME: from a version that does not work. Never returns.
go_back() {
  [ -z "$STARTED_PID" ] || kill "$STARTED_PID" 2>/dev/null
  if [ -z "$before" ]; then
    UNPROVEN=0
    rm -f "$LRP_HOME/current" "$RESUME"
    die "$EXIT_UNPACK" "Version ${1%%~*} was installed and does not work." "It was removed again."
  fi
  warn "Version ${1%%~*} does not work here; going back to ${before%%~*}."
  swap "$before" && start_again
  note_previous "$earlier"
  case $RUN_MODE in
    plain | service) answers || warn "Version ${before%%~*} did not start again either." ;;
  esac
  rm -rf "$LRP_HOME/versions/$1"
  UNPROVEN=0
  rm -f "$RESUME"
  die "$EXIT_ROLLED_BACK" "Version ${1%%~*} did not work and was removed; ${before%%~*} is back." \
    "What it said: $DATA_HOME/logs/started.log"
}

# The current version and the one before stay.
prune() {
  kept=$(cat "$LRP_HOME/previous.txt" 2>/dev/null) || kept=''
  for old in "$LRP_HOME"/versions/*; do
    case ${old##*/} in
      "$(current_name)" | "$kept") ;;
      *) rm -rf "$old" ;;
    esac
  done
}

# place: the unpacked version gets its folder. A name that is taken may be in use, so it gets ~2.
place() {
  NAME=$VERSION
  number=2
  while [ -e "$LRP_HOME/versions/$NAME" ]; do
    NAME=$VERSION~$number
    number=$((number + 1))
  done
  mv "$UNPACKED" "$LRP_HOME/versions/$NAME" ||
    die "$EXIT_SPACE" "Could not move version $VERSION into place." "Nothing was changed."
}

# --- The receipt: what is here, and what was made outside ----------------------------------------

receipt_value() {
  sed -n "s/^  \"$1\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" "$RECEIPT" 2>/dev/null
}

write_receipt() {
  receipt_version=$(current_name)
  {
    printf '{\n  "format": 1,\n  "version": "%s",\n' "${receipt_version%%~*}"
    printf '  "variant": "%s",\n  "target": "%s",\n' "$VARIANT" "$OS_WORD-$ARCH_WORD"
    printf '  "modify_path": "%s",\n' "$(yes_or_no "$LRP_NO_MODIFY_PATH")"
    printf '  "menu": "%s",\n' "$(yes_or_no "$LRP_NO_DESKTOP")"
    printf '  "home": "%s",\n  "created": [' "$(backslashed "$LRP_HOME")"
    sort -u "$WORK/created" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/    "&"/' |
      awk '{ printf "%s\n%s", (NR > 1 ? "," : ""), $0 } END { if (NR) printf "\n  " }'
    printf ']\n}\n'
  } | put "$RECEIPT" 600
}

# The switches say what to leave alone, the receipt what was done.
yes_or_no() {
  if [ "$1" = 1 ]; then echo no; else echo yes; fi
}

# What earlier runs made outside the folder, one path a line.
read_created() {
  [ -r "$RECEIPT" ] || return 0
  sed -n '/^  "created": \[/,/^  \]/s/^    "\(.*\)",\{0,1\}$/\1/p' "$RECEIPT" |
    sed -e 's/\\"/"/g' -e 's/\\\\/\\/g'
}

remember() {
  printf '%s\n' "$1" >>"$WORK/created"
}

# make_folder PATH: with its parents; those that were not there are remembered.
make_folder() {
  [ ! -d "$1" ] || return 0
  make_folder_parent=${1%/*}
  [ -z "$make_folder_parent" ] || (make_folder "$make_folder_parent") || return 1
  mkdir "$1" && remember "$1"
}

# --- What is stopped for the switch comes back, whatever happens to us ----------------------------

# Words for shells that outlive us, which run them as `sh -c WORDS NAME FOLDER [...]`.
# shellcheck disable=SC2016
SWAP_WORDS='
  # FOLDER NAME: the link changes in one step; whoever looks sees the old version or the new one.
  new_link=$1/.current.new.$$
  rm -f "$new_link"
  ln -s "versions/$2" "$new_link" || exit 1
  # GNU and busybox know -T, macOS and the BSDs -h: do not move into the folder that it leads to.
  mv -Tf "$new_link" "$1/current" 2>/dev/null ||
    mv -fh "$new_link" "$1/current" 2>/dev/null ||
    # Older systems of Apple know neither; there the link is away for a moment.
    { ln -sfn "versions/$2" "$1/current" && rm -f "$new_link"; }'
# shellcheck disable=SC2016
UNDO_WORDS='
  # FOLDER PROMISE SWAP_WORDS: the versions that were current and previous are so again.
  before=$(sed -n "s/^# before: //p" "$2")
  [ -n "$before" ] && [ -d "$1/versions/$before" ] || exit 0
  [ "$(readlink "$1/current")" = "versions/$before" ] || sh -c "$3" swap "$1" "$before" || exit 1
  earlier=$(sed -n "s/^# earlier: //p" "$2")
  if [ -n "$earlier" ]; then printf "%s\n" "$earlier" >"$1/previous.txt"
  else rm -f "$1/previous.txt"; fi'
# shellcheck disable=SC2016
SERVING_WORDS='
  # DATA: what the sidecar of the data folder was started with, in one line; nothing when it is gone.
  pid=$(sed -n "s/.*\"pid\": *\([0-9][0-9]*\).*/\1/p" "$1/run/sidecar.json" 2>/dev/null)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || exit 0
  if [ -r "/proc/$pid/cmdline" ]; then tr "\0" " " <"/proc/$pid/cmdline"
  else ps -o args= -p "$pid" 2>/dev/null; fi'
# shellcheck disable=SC2016
WATCH_WORDS='
  # FOLDER PROMISE SWAP_WORDS UNDO_WORDS PROCESS SERVING_WORDS DATA: waits for the end of the process.
  # If it left its promise, what it started may still come up; where nothing does, or where what was
  # to be replaced goes on, all is as before again.
  folder=$1 promise=$2 process=$5 serving=$6 data=$7
  while kill -0 "$process" 2>/dev/null && ! grep -q "^State:.*Z" "/proc/$process/status" 2>/dev/null
  do sleep 1; done
  mv "$promise" "$promise.taken" 2>/dev/null || exit 0
  started=$(sed -n "s/^# started: //p" "$promise.taken" | tail -n 1)
  before=$(sed -n "s/^# before: //p" "$promise.taken")
  former_serves() {
    [ -n "$before" ] || return 1
    case $(sh -c "$serving" serving "$data") in *"/versions/$before/"*) ;; *) return 1 ;; esac
  }
  is_well() {
    "$folder/bin/llama-runner-pro" status >/dev/null 2>&1
    [ $? -ne 69 ] || return 1
    [ "$(readlink "$folder/current")" = "versions/$before" ] || ! former_serves
  }
  tries=40
  until is_well; do
    case $started in
      "") tries=0 ;;
      later) ;;
      *) kill -0 "$started" 2>/dev/null || tries=0 ;;
    esac
    if [ "$tries" -eq 0 ]; then
      # The next run may have taken it in the meantime.
      mv "$promise.taken" "$promise.undo" 2>/dev/null || exit 0
      case $started in "" | later) ;; *) kill "$started" 2>/dev/null ;; esac
      sh -c "$4" undo "$folder" "$promise.undo" "$3"
      words=$(cat "$promise.undo")
      rm -f "$promise.undo"
      former_serves || eval "$words"
      exit
    fi
    tries=$((tries - 1))
    sleep 1
  done
  rm -f "$promise.taken"'

# promise BEFORE EARLIER: writes down how to start again what runs, before it is stopped, and which
# versions were current and previous. A watcher of its own does it if we are killed; if that is
# killed too, the next run does.
promise() {
  case $RUN_MODE in
    none | foreign) return 0 ;;
  esac
  if [ -n "$RUN_PID" ]; then
    restart_words "$1" "$2" | put "$RESUME" 600 || exit "$EXIT_SPACE"
  else
    # An earlier run's; what it started is gone.
    sed '/^# started: /d' "$RESUME" | put "$RESUME" 600 || exit "$EXIT_SPACE"
  fi
  detached / sh -c "$WATCH_WORDS" watcher "$LRP_HOME" "$RESUME" "$SWAP_WORDS" "$UNDO_WORDS" "$$" \
    "$SERVING_WORDS" "$DATA_HOME"
  WATCHER_PID=$STARTED_PID STARTED_PID=''
}

# What was started is on its way: process N, or whatever a service manager starts later.
note_started() {
  [ ! -f "$RESUME" ] || printf '# started: %s\n' "$1" >>"$RESUME"
}

restart_words() {
  printf '# Starts again what an installation stopped. mode: %s\n' "$RUN_MODE"
  printf '# before: %s\n# earlier: %s\n' "$1" "$2"
  case $RUN_MODE in
    service)
      if [ "$OS_WORD" = linux ]; then
        printf 'exec systemctl --user restart %s\n' "$SERVICE"
      else
        printf 'exec launchctl kickstart -k %s\n' "gui/$(id -u)/$AGENT"
      fi
      ;;
    desktop) printf 'cd %s\nexec %s\n' "$(quoted "$HOME")" "$(quoted "$(window_program)")" ;;
    # The program itself noted its options, folder and environment.
    plain) printf 'exec %s serve --as-before\n' "$(quoted "$LAUNCHER")" ;;
  esac
}

window_program() {
  if [ "$OS_WORD" = macos ]; then
    printf '%s\n' "$LRP_HOME/current/$APP/Contents/MacOS/${APP%.app}"
  else
    printf '%s\n' "$LRP_HOME/bin/llama-runner-pro-app"
  fi
}

# The mode of what a killed run stopped, and nobody has started since.
promised_mode() {
  mode=$(sed -n '1s/.* mode: //p' "$RESUME" 2>/dev/null)
  printf '%s\n' "${mode:-none}"
}

# An end before the switch brings it back as well. What was switched to and never seen serving may
# be why nothing serves, so the version before is current again; this run may try the new one anew.
recall_promise() {
  # Not if its watcher is at it in this moment.
  mv "$RESUME.taken" "$RESUME" 2>/dev/null
  [ -f "$RESUME" ] || return 0
  note_running
  if [ -n "$RUN_NAME" ] && [ "$RUN_NAME" = "$(sed -n 's/^# before: //p' "$RESUME")" ]; then
    # What was to be replaced goes on, so it is what is current.
    undo_switch
    rm -f "$RESUME"
  elif [ -n "$RUN_PID" ] || comes_up; then
    # It runs already: somebody was faster.
    rm -f "$RESUME"
  else
    undo_switch
    RESTART_DUE=1
  fi
}

# Whether what the killed run started is only slow.
comes_up() {
  STARTED_PID=$(sed -n 's/^# started: //p' "$RESUME" | tail -n 1)
  case $STARTED_PID in
    '' | later) came_up=1 ;;
    *) answers && came_up=0 || came_up=1 ;;
  esac
  STARTED_PID=''
  return "$came_up"
}

undo_switch() {
  sh -c "$UNDO_WORDS" undo "$LRP_HOME" "$RESUME" "$SWAP_WORDS" ||
    warn "Could not go back to the version before. Is the disk full?"
}

swap() {
  sh -c "$SWAP_WORDS" swap "$LRP_HOME" "$1"
}

# --- PATH ------------------------------------------------------------------------------------------

BLOCK_BEGIN='# >>> llama-runner-pro'
BLOCK_END='# <<< llama-runner-pro <<<'

write_env() {
  bin_word=$(quoted "$LRP_HOME/bin")
  put "$LRP_HOME/env" <<WORDS
# Puts llama-runner-pro on the PATH, once.
case ":\${PATH}:" in
  *:$bin_word:*) ;;
  *) export PATH=$bin_word:"\${PATH}" ;;
esac
WORDS
  fish_word=$(printf '%s' "$LRP_HOME/bin" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g")
  put "$LRP_HOME/env.fish" <<WORDS
# Puts llama-runner-pro on the PATH, once.
if not contains -- '$fish_word' \$PATH
    set -gx PATH '$fish_word' \$PATH
end
WORDS
}

env_line() {
  env_word=$(quoted "$LRP_HOME/env")
  printf 'if [ -f %s ]; then . %s; fi\n' "$env_word" "$env_word"
}

rc_files() {
  printf '%s\n' "$HOME/.profile" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.bashrc" \
    "$HOME/.zshrc"
  [ -z "${ZDOTDIR:-}" ] || [ "$ZDOTDIR" = "$HOME" ] || printf '%s\n' "$ZDOTDIR/.zshrc"
}

# When nothing would read our line, the file that this user's shell reads is begun. Terminals of
# macOS begin login shells, which do not read .bashrc.
begin_rc_file() {
  rc_begun=''
  case ${SHELL:-} in
    */zsh) rc_begun=${ZDOTDIR:-$HOME}/.zshrc ;;
    */fish) ;;
    *)
      rc_begun=$HOME/.profile
      for rc in "$HOME/.bash_profile" "$HOME/.bash_login"; do
        [ ! -e "$rc" ] || rc_begun=''
      done
      [ ! -e "$HOME/.bashrc" ] || [ "$OS_WORD" = macos ] || rc_begun=''
      ;;
  esac
  # A link that leads nowhere is somebody's plan for that file.
  [ -n "$rc_begun" ] && [ ! -e "$rc_begun" ] && [ ! -L "$rc_begun" ] || return 0
  (: >"$rc_begun") 2>/dev/null && remember "$rc_begun"
}

fish_folder() {
  printf '%s\n' "${XDG_CONFIG_HOME:-$HOME/.config}/fish"
}

add_to_path() {
  write_env
  [ "$LRP_NO_MODIFY_PATH" = 0 ] || return 0
  if [ -n "${GITHUB_PATH:-}" ] && ! grep -qxF "$LRP_HOME/bin" "$GITHUB_PATH" 2>/dev/null; then
    printf '%s\n' "$LRP_HOME/bin" >>"$GITHUB_PATH"
  fi
  begin_rc_file
  rc_files | while IFS= read -r rc; do
    [ ! -f "$rc" ] || add_block "$rc" ||
      warn "Could not add to $rc; for new terminals to find llama-runner-pro, add: $(env_line)"
  done
  case ${SHELL:-} in
    */fish) fish_is_here=1 ;;
    *) [ -d "$(fish_folder)" ] && fish_is_here=1 || fish_is_here=0 ;;
  esac
  if [ "$fish_is_here" = 1 ] && make_folder "$(fish_folder)/conf.d"; then
    fish_word=$(printf '%s' "$LRP_HOME/env.fish" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g")
    printf "test -f '%s'; and source '%s'\n" "$fish_word" "$fish_word" |
      put "$(fish_folder)/conf.d/llama-runner-pro.fish"
  fi
}

has_our_block() {
  grep -qF "$BLOCK_BEGIN" "$1" && grep -qxF "$(env_line)" "$1" && grep -qxF "$BLOCK_END" "$1"
}

# Appended, so that a link stays a link and the file keeps its owner and mode.
add_block() {
  if has_our_block "$1"; then
    return 0
  fi
  ! grep -qF "$BLOCK_BEGIN" "$1" || remove_block "$1" || return 1
  # A last line without an end gets one, and the mark says so: removing takes it away again.
  mark=$BLOCK_BEGIN joint=''
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then
    mark="$BLOCK_BEGIN (joined)" joint='
'
  fi
  (printf '%s%s >>>\n%s\n%s\n' "$joint" "$mark" "$(env_line)" "$BLOCK_END" >>"$1") 2>/dev/null &&
    has_our_block "$1"
}

# A block without an end was changed by hand: only its mark and our line go, never what follows.
remove_block() {
  [ -w "$1" ] || return 1
  awk -v begin="$BLOCK_BEGIN" -v end="$BLOCK_END" '
    function out(line) { if (begun) printf "\n"; printf "%s", line; begun = 1; joined = 0 }
    { lines[NR] = $0 }
    END {
      for (at = 1; at <= NR; at++) {
        if (index(lines[at], begin) != 1) { out(lines[at]); continue }
        joined = lines[at] ~ /\(joined\)/
        for (last = at + 1; last <= NR && lines[last] != end; last++)
          if (index(lines[last], begin) == 1) last = NR
        if (last <= NR) at = last
        else if (lines[at + 1] ~ /^if \[ -f .*\/env.* \]; then \. .*\/env.*; fi$/) at++
      }
      if (begun && !joined) printf "\n"
    }' "$1" >"$WORK/rc" && replace_text "$1"
}

# replace_text FILE: by what is in the workplace; whole or not at all, with its owner and mode. What
# a link leads to may be anywhere, so that is written in place.
replace_text() {
  if [ -L "$1" ]; then
    cat "$WORK/rc" >"$1"
    return
  fi
  beside=$1.llama-runner-pro
  cp -p "$1" "$beside" && cat "$WORK/rc" >"$beside" && mv -f "$beside" "$1" && return 0
  rm -f "$beside"
  return 1
}

warn_if_shadowed() {
  found=$(command -v llama-runner-pro 2>/dev/null) || found=''
  case $found in
    '' | "$LAUNCHER") ;;
    *) warn "In this shell, llama-runner-pro is $found, not $LAUNCHER." ;;
  esac
}

# --- Programs in bin -----------------------------------------------------------------------------

# The real folder of the version is started: a running one never meets files of the next.
write_launchers() {
  put "$LAUNCHER" 755 <<WORDS || die "$EXIT_SPACE" "Could not write $LAUNCHER." "Is /tmp full?"
#!/bin/sh
# LlamaRunner Pro: runs the version that is current.
version=\$(cd -P $(quoted "$LRP_HOME/current") && pwd -P) || exit 69
for folder in backend resources/backend $APP/Contents/Resources/backend; do
  if [ -x "\$version/\$folder/$BACKEND" ]; then
    exec "\$version/\$folder/$BACKEND" "\$@"
  fi
done
echo "LlamaRunner Pro is incomplete; install it again." >&2
exit 69
WORDS
  [ "$VARIANT" = desktop ] && [ "$OS_WORD" = linux ] || return 0
  if sandbox_works; then
    put "$LRP_HOME/bin/llama-runner-pro-app" 755 <<WORDS
#!/bin/sh
# LlamaRunner Pro in its window.
version=\$(cd -P $(quoted "$LRP_HOME/current") && pwd -P) || exit 69
exec "\$version/llama-runner-pro" "\$@"
WORDS
  else
    explain_sandbox
    put "$LRP_HOME/bin/llama-runner-pro-app" 755 <<WORDS
#!/bin/sh
# LlamaRunner Pro in the browser: this system does not allow the window's sandbox.
program=$(quoted "$LAUNCHER")
"\$program" status >/dev/null 2>&1
if [ \$? -eq 69 ]; then
  nohup "\$program" serve >/dev/null 2>&1 </dev/null &
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    "\$program" status >/dev/null 2>&1
    [ \$? -eq 69 ] || break
    sleep 1
  done
fi
exec "\$program" open
WORDS
  fi
}

# Chromium's sandbox needs user namespaces; Ubuntu 23.10 and later keep them from unknown programs.
# Their unshare may do what other programs may not, so what the kernel says comes first.
sandbox_works() {
  limit=/proc/sys/kernel/apparmor_restrict_unprivileged_userns
  if [ "$(cat "$limit" 2>/dev/null)" = 1 ]; then
    grep -qsF "\"$LRP_HOME/versions/*/llama-runner-pro\"" /etc/apparmor.d/llama-runner-pro
    return
  fi
  have unshare || return 0
  unshare -Ur true 2>/dev/null
}

explain_sandbox() {
  warn "This system does not let programs in home folders use a sandbox, so the window cannot" \
    "start. LlamaRunner Pro will open in your browser instead."
  say "For the window, install the .deb package, or allow it with these commands and then run"
  say "this installer again:"
  say "  sudo tee /etc/apparmor.d/llama-runner-pro <<'PROFILE'"
  say "abi <abi/4.0>,"
  say "include <tunables/global>"
  say "profile llama-runner-pro \"$LRP_HOME/versions/*/llama-runner-pro\" flags=(unconfined) {"
  say "  userns,"
  say "}"
  say "PROFILE"
  say "  sudo apparmor_parser -r /etc/apparmor.d/llama-runner-pro"
}

# --- Menu entry and icons ----------------------------------------------------------------------

share_folder() {
  printf '%s\n' "${XDG_DATA_HOME:-$HOME/.local/share}"
}

desktop_entry() {
  printf '%s\n' "$(share_folder)/applications/llama-runner-pro.desktop"
}

# In an Exec line: quoted, and a percent sign is doubled.
exec_word() {
  printf '"%s"' "$(printf '%s' "$1" | sed -e 's/\\/\\\\\\\\/g' -e 's/["`$]/\\\\&/g' -e 's/%/%%/g')"
}

add_desktop() {
  [ "$VARIANT" = desktop ] && [ "$LRP_NO_DESKTOP" = 0 ] || return 0
  if [ "$OS_WORD" = macos ]; then
    make_folder "$HOME/Applications" || return 0
    ln -sfn "$LRP_HOME/current/$APP" "$HOME/Applications/$APP"
    return
  fi
  make_folder "$(share_folder)/applications" ||
    {
      warn "Could not make $(share_folder)/applications, so there is no menu entry."
      return 0
    }
  put "$(desktop_entry)" <<WORDS
[Desktop Entry]
Type=Application
Name=LlamaRunner Pro
Comment=Watches, heals and serves the AI models on this computer
Exec=$(exec_word "$LRP_HOME/bin/llama-runner-pro-app") %U
Icon=llama-runner-pro
Terminal=false
Categories=Utility;Development;
StartupWMClass=llama-runner-pro
WORDS
  add_icons
  refresh_menus
}

add_icons() {
  for icon in "$LRP_HOME/current/resources/icons"/*x*.png; do
    [ -f "$icon" ] || continue
    size=${icon##*/}
    icon_folder=$(share_folder)/icons/hicolor/${size%.png}/apps
    make_folder "$icon_folder" && put "$icon_folder/llama-runner-pro.png" <"$icon"
  done
}

refresh_menus() {
  ! have update-desktop-database ||
    update-desktop-database "$(share_folder)/applications" >/dev/null 2>&1
  return 0
}

remove_desktop() {
  rm -f "$(desktop_entry)" "$(share_folder)"/icons/hicolor/*/apps/llama-runner-pro.png
  if [ -L "$HOME/Applications/$APP" ]; then
    rm -f "$HOME/Applications/$APP"
  fi
  autostart=${XDG_CONFIG_HOME:-$HOME/.config}/autostart/llama-runner-pro.desktop
  ! grep -qF "$LRP_HOME/" "$autostart" 2>/dev/null || rm -f "$autostart"
  [ ! -d "$(share_folder)/applications" ] || refresh_menus
  # What that made of an otherwise empty folder would keep it from going.
  [ ! -f "$(share_folder)/applications/mimeinfo.cache" ] ||
    [ -n "$(find "$(share_folder)/applications" -name '*.desktop' | sed 1q)" ] ||
    rm -f "$(share_folder)/applications/mimeinfo.cache"
}

# --- Start at login ------------------------------------------------------------------------------

unit_folder() {
  printf '%s\n' "${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user"
}

agent_file() {
  printf '%s\n' "$HOME/Library/LaunchAgents/$AGENT.plist"
}

service_is_active() {
  if [ "$OS_WORD" = macos ]; then
    [ -f "$(agent_file)" ] && launchctl print "gui/$(id -u)/$AGENT" >/dev/null 2>&1
  else
    [ -f "$(unit_folder)/$SERVICE" ] && have systemctl &&
      systemctl --user is-active --quiet "$SERVICE" 2>/dev/null
  fi
}

add_service() {
  [ "$LRP_SERVICE" = 1 ] || return 0
  step "Setting up the start at login"
  if [ "$OS_WORD" = macos ]; then
    add_agent
  else
    add_unit
  fi
}

# In a unit: quoted, percent signs doubled; in arguments dollar signs as well. Our launcher is an
# argument of the shell, since systemd wants no quotes or backslashes in the name of a program.
unit_word() {
  printf '"%s"' "$(backslashed "$1" | sed 's/%/%%/g')"
}

# The service looks for its data where this shell's programs do.
unit_environment() {
  [ -z "${LLAMA_RUNNER_PRO_HOME:-}" ] ||
    printf '\nEnvironment=%s' "$(unit_word "LLAMA_RUNNER_PRO_HOME=$DATA_HOME")"
}

agent_environment() {
  [ -n "${LLAMA_RUNNER_PRO_HOME:-}" ] || return 0
  cat <<WORDS

  <key>EnvironmentVariables</key>
  <dict>
    <key>LLAMA_RUNNER_PRO_HOME</key>
    <string>$(xml_word "$DATA_HOME")</string>
  </dict>
WORDS
}

add_unit() {
  make_folder "$(unit_folder)/default.target.wants" ||
    die "$EXIT_SPACE" "Could not make $(unit_folder)." "Without --service it goes on."
  put "$(unit_folder)/$SERVICE" <<WORDS
[Unit]
Description=LlamaRunner Pro: watches, heals and serves AI models
After=network.target

[Service]$(unit_environment)
ExecStart=/bin/sh $(unit_word "$LAUNCHER" | sed 's/\$/$$/g') serve
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=64 69 73 77 78
TimeoutStopSec=20

[Install]
WantedBy=default.target
WORDS
  # What "systemctl enable" does, also where no systemd answers now.
  ln -sf "../$SERVICE" "$(unit_folder)/default.target.wants/$SERVICE"
  note_running
  if have systemctl && systemctl --user daemon-reload 2>/dev/null; then
    begin_service
    have loginctl && say "To have it run without being logged in: loginctl enable-linger"
  else
    warn "No systemd answers for you here; the service starts at your next login."
  fi
  return 0
}

begin_service() {
  case $RUN_MODE in
    service) ;;
    none)
      systemctl --user start "$SERVICE" ||
        warn "The service did not start. Look at: journalctl --user -u $SERVICE"
      ;;
    *)
      say "It runs already, so the service begins at your next login. For now instead:"
      say "  llama-runner-pro stop && systemctl --user start $SERVICE"
      ;;
  esac
}

xml_word() {
  printf '%s' "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'
}

add_agent() {
  make_folder "$HOME/Library/LaunchAgents" ||
    die "$EXIT_SPACE" "Could not make $HOME/Library/LaunchAgents." "Without --service it goes on."
  put "$(agent_file)" <<WORDS
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>$AGENT</string>
  <key>ProgramArguments</key>
  <array>
    <string>$(xml_word "$LAUNCHER")</string>
    <string>serve</string>
  </array>$(agent_environment)
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
WORDS
  launchctl bootout "gui/$(id -u)/$AGENT" >/dev/null 2>&1
  launchctl bootstrap "gui/$(id -u)" "$(agent_file)" ||
    warn "launchd did not take it now; it starts at your next login."
}

remove_service() {
  if [ -f "$(unit_folder)/$SERVICE" ]; then
    ! have systemctl || systemctl --user stop "$SERVICE" 2>/dev/null
    rm -f "$(unit_folder)/$SERVICE" "$(unit_folder)/default.target.wants/$SERVICE"
    ! have systemctl || systemctl --user daemon-reload 2>/dev/null
  fi
  if [ -f "$(agent_file)" ]; then
    launchctl bootout "gui/$(id -u)/$AGENT" >/dev/null 2>&1
    rm -f "$(agent_file)"
  fi
  return 0
}

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
