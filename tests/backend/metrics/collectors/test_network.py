from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.network import (
    NetworkSensor,
    NicTotals,
    has_hardware,
    read_interfaces,
)
from llama_runner_pro.metrics.collectors.sensor import Moment

Interfaces = dict[str, tuple[int, int]]


def sensor_over(*looks: Interfaces, hardware: tuple[str, ...] = ()) -> NetworkSensor:
    source = iter([{name: NicTotals(*nic) for name, nic in look.items()} for look in looks])
    return NetworkSensor(lambda: next(source), lambda name: name in hardware)


def rates(*looks: Interfaces, hardware: tuple[str, ...] = ()) -> list[dict[str, object]]:
    sensor = sensor_over(*looks, hardware=hardware)
    reads = [sensor.read(Moment(float(second))).values for second in range(len(looks))]
    return [{name: values[name] for name in both(0, 0)} for values in reads]


def both(received: float | None, sent: float | None) -> dict[str, object]:
    return {"network_received_bytes_per_s": received, "network_sent_bytes_per_s": sent}


def test_traffic_is_told_per_second_and_the_first_read_has_none() -> None:
    looks: list[Interfaces] = [{"eth0": (100, 10)}, {"eth0": (400, 30)}]
    assert rates(*looks) == [both(None, None), both(300, 20)]


def test_loopback_never_counts() -> None:
    before: Interfaces = {"lo": (0, 0), "lo0": (0, 0), "Loopback Pseudo-Interface 1": (0, 0)}
    after: Interfaces = dict.fromkeys(before, (10**9, 10**9))
    assert rates(before | {"en0": (0, 0)}, after | {"en0": (5, 6)})[1] == both(5, 6)


def test_an_interface_whose_name_only_begins_like_loopback_counts() -> None:
    assert rates({"lora0": (0, 0)}, {"lora0": (5, 6)})[1] == both(5, 6)


def test_real_interfaces_are_added_up_without_bridges_and_tunnels() -> None:
    before: Interfaces = {"eth0": (0, 0), "wlan0": (0, 0), "docker0": (0, 0), "tun0": (0, 0)}
    after: Interfaces = {"eth0": (10, 1), "wlan0": (20, 2), "docker0": (99, 99), "tun0": (99, 99)}
    assert rates(before, after, hardware=("eth0", "wlan0"))[1] == both(30, 3)


def test_inside_a_container_what_there_is_counts() -> None:
    looks: list[Interfaces] = [{"lo": (0, 0), "eth0": (0, 0)}, {"lo": (9, 9), "eth0": (7, 8)}]
    assert rates(*looks, hardware=())[1] == both(7, 8)


def test_an_interface_that_was_plugged_in_again_gives_no_negative_rate() -> None:
    found = rates({"eth0": (1000, 1000)}, {"eth0": (10, 1005)}, {"eth0": (15, 1010)})
    assert found[1:] == [both(None, 5), both(5, 5)]


def test_a_new_interface_does_not_bring_its_whole_past_along() -> None:
    found = rates(
        {"eth0": (0, 0)},
        {"eth0": (5, 5), "usb0": (10**9, 10**9)},
        {"eth0": (10, 10), "usb0": (10**9 + 1, 10**9 + 1)},
        hardware=("eth0", "usb0"),
    )
    assert found[1:] == [both(5, 5), both(6, 6)]


def test_an_interface_that_goes_leaves_the_others() -> None:
    found = rates({"eth0": (0, 0), "usb0": (50, 50)}, {"eth0": (5, 5)}, hardware=("eth0", "usb0"))
    assert found[1] == both(5, 5)


def test_a_machine_with_only_loopback_says_so() -> None:
    with pytest.raises(SensorMissing, match="no network interface but loopback"):
        rates({"lo": (1, 1)})


def test_this_machine_lists_its_interfaces() -> None:
    for nic in read_interfaces().values():
        assert min(nic) >= 0


def test_an_interface_that_does_not_exist_has_no_hardware() -> None:
    assert not has_hardware("no-such-interface")


def test_each_interface_has_fields_of_its_own_among_the_details() -> None:
    looks: list[Interfaces] = [
        {"eth0": (0, 0), "Wi-Fi 2": (0, 0)},
        {"eth0": (10, 1), "Wi-Fi 2": (20, 2)},
    ]
    sensor = sensor_over(*looks, hardware=("eth0", "Wi-Fi 2"))
    sensor.read(Moment(0.0))
    values = sensor.read(Moment(1.0)).values
    assert values["network_eth0_received_bytes_per_s"] == 10
    assert values["network_wi_fi_2_sent_bytes_per_s"] == 2
    details = [field for field in sensor.fields(()) if field.group == "network_interfaces"]
    assert "Wi-Fi 2 received" in {field.label for field in details}
    assert {field.name for field in sensor.fields(())} == values.keys()


def test_errors_and_dropped_packets_are_counted_over_all_interfaces() -> None:
    nics = {"eth0": NicTotals(0, 0, 3, 5), "wlan0": NicTotals(0, 0, 1, 0)}
    values = NetworkSensor(lambda: nics, lambda name: True).read(Moment(0.0)).values
    assert values["network_errors_total"] == 4
    assert values["network_drops_total"] == 5
    assert values["network_eth0_errors_total"] == 3


def test_fields_of_an_interface_go_with_it() -> None:
    sensor = sensor_over(
        {"eth0": (0, 0), "usb0": (0, 0)}, {"eth0": (0, 0)}, hardware=("eth0", "usb0")
    )
    sensor.read(Moment(0.0))
    before = sensor.fields(())
    sensor.read(Moment(1.0))
    assert "network_usb0_received_bytes_per_s" in {field.name for field in before}
    assert not any("usb0" in field.name for field in sensor.fields(()))


def test_containers_that_come_and_go_do_not_make_ever_more_fields() -> None:
    looks: list[Interfaces] = [
        {"eth0": (0, 0), f"veth{number}": (0, 0), f"odd{number}": (0, 0)} for number in range(200)
    ]
    sensor = sensor_over(*looks)
    names: set[str] = set()
    for second in range(len(looks)):
        sensor.read(Moment(float(second)))
        names |= {field.name for field in sensor.fields(())}
    assert not any("veth" in name for name in names)
    assert len(names) <= 4 + 3 * 32


def test_fields_stay_the_same_object_while_nothing_changes() -> None:
    sensor = sensor_over({"eth0": (0, 0)}, {"eth0": (1, 1)})
    sensor.read(Moment(0.0))
    before = sensor.fields(())
    sensor.read(Moment(1.0))
    assert sensor.fields(()) is before
