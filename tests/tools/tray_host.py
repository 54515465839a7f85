"""A tray for desktop tests: shows no icon, but takes them in and can use their menus.

Speaks the StatusNotifierWatcher protocol (freedesktop.org, StatusNotifierItem) towards programs
and com.canonical.dbusmenu towards their menus, over the bus in DBUS_SESSION_BUS_ADDRESS:

    python tray_host.py serve                   says one line for each icon: the name to reach it by
    python tray_host.py menu NAME               says the lines of an icon's menu as JSON
    python tray_host.py click NAME LABEL        clicks on one of them
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

WATCHER = "org.kde.StatusNotifierWatcher"
MENU = DBusAddress("/com/canonical/dbusmenu", interface="com.canonical.dbusmenu")
PROPERTIES: dict[str, tuple[str, object]] = {
    "IsStatusNotifierHostRegistered": ("b", True),
    "ProtocolVersion": ("i", 0),
    "RegisteredStatusNotifierItems": ("as", []),
}
LIMIT_S = 60.0


def serve(bus: DBusConnection) -> None:
    """Takes icons in until the process is ended."""
    bus.send_and_get_reply(message_bus.RequestName(WATCHER), timeout=LIMIT_S)
    say("ready")
    while True:
        message = bus.receive()
        if message.header.message_type is MessageType.method_call:
            bus.send(answer(message))


def answer(message: Message) -> Message:
    """The reply to a program that looks for a tray or wants its icon in it."""
    fields = message.header.fields
    method = fields.get(HeaderFields.member)
    if method == "RegisterStatusNotifierItem":
        (named,) = message.body
        # Some give a path of theirs instead of a name.
        say(fields[HeaderFields.sender] if named.startswith("/") else named)
        return new_method_return(message)
    if method == "Get" and message.body[1] in PROPERTIES:
        return new_method_return(message, "v", (PROPERTIES[message.body[1]],))
    if method == "GetAll":
        return new_method_return(message, "a{sv}", (PROPERTIES,))
    if method == "RegisterStatusNotifierHost":
        return new_method_return(message)
    return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")


def entries(bus: DBusConnection, name: str) -> list[tuple[int, dict[str, Any]]]:
    """An icon's menu: number and properties of each entry."""
    ask = new_method_call(menu_of(name), "GetLayout", "iias", (0, -1, []))
    _revision, (_root, _properties, children) = bus.send_and_get_reply(ask, timeout=LIMIT_S).body
    found = []
    for _signature, (number, properties, _children) in children:
        found.append((number, {key: value for key, (_, value) in properties.items()}))
    return found


def click(bus: DBusConnection, name: str, label: str) -> None:
    """Clicks on the entry with this label."""
    for number, properties in entries(bus, name):
        if properties.get("label", "").replace("_", "") == label:
            event = (number, "clicked", ("s", ""), 0)
            ask = new_method_call(menu_of(name), "Event", "isvu", event)
            bus.send_and_get_reply(ask, timeout=LIMIT_S)
            return
    sys.exit(f"the menu has no {label}")


def menu_of(name: str) -> DBusAddress:
    """Where the menu of an icon is."""
    return DBusAddress(MENU.object_path, bus_name=name, interface=MENU.interface)


def say(text: str) -> None:
    """One line for whoever started this."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(argv: list[str]) -> None:
    """Does what the first word says."""
    with open_dbus_connection("SESSION") as bus:
        match argv:
            case ["serve"]:
                serve(bus)
            case ["menu", name]:
                say(json.dumps([properties for _, properties in entries(bus, name)]))
            case ["click", name, label]:
                click(bus, name, label)
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
