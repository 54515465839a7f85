
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
