from workers.host.tickets import is_pass, is_ticket, make_pass, make_ticket, preview_secret

SECRET = preview_secret("a token")


def test_a_ticket_lets_in_to_one_project_for_a_short_time():
    ticket = make_ticket(SECRET, "shop", now=1000)
    assert is_ticket(SECRET, "shop", ticket, now=1001)
    assert not is_ticket(SECRET, "other", ticket, now=1001)
    assert not is_ticket(SECRET, "shop", ticket, now=1000 + 3600)
    assert not is_ticket(preview_secret("another token"), "shop", ticket, now=1001)


def test_a_ticket_is_no_pass_and_a_pass_no_ticket():
    assert not is_pass(SECRET, "shop", make_ticket(SECRET, "shop", now=1000), now=1001)
    assert not is_ticket(SECRET, "shop", make_pass(SECRET, "shop", now=1000), now=1001)
    assert is_pass(SECRET, "shop", make_pass(SECRET, "shop", now=1000), now=1000 + 3600)


def test_what_is_no_ticket_is_refused():
    real = make_ticket(SECRET, "shop", now=1000)
    later = f"99999999.{real.partition('.')[2]}"
    for value in ("", ".", "x", "9" * 100 + ".x", later, real[:-1], real + "=", "٣." + real, "1e9.x", real + "é"):
        assert not is_ticket(SECRET, "shop", value, now=1001)
