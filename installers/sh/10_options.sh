
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
