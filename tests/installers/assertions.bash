# What the tests of both installers say about the "output" and "status" of bats.

says() {
  case $output in
    *"$1"*) ;;
    *)
      printf 'expected: %s\ngot:\n%s\n' "$1" "$output"
      return 1
      ;;
  esac
}

is_code() {
  [ "$status" -eq "$1" ] || {
    printf 'expected exit code %s, got %s:\n%s\n' "$1" "$status" "$output"
    return 1
  }
}

# eventually COMMAND...: waits until it is true. Twenty minutes are for what never comes; a loaded
# computer may take its time for the rest.
eventually() {
  local until_s=$((SECONDS + 1200))
  until "$@"; do
    [ "$SECONDS" -lt "$until_s" ] || {
      echo "never came true: $*"
      return 1
    }
    sleep 0.1
  done
}
