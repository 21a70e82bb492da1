from workers.host.served import PROJECT_ID, SLUG, Release, Served, read_served, write_served


def test_what_is_served_is_read_as_it_was_written_wherever_the_folder_is(tmp_path):
    served = Served(Release("my-shop", 3, tmp_path / "projects" / "p1" / "releases" / "3"), "data-1")
    (tmp_path / "host").mkdir()
    assert read_served(tmp_path / "host", tmp_path) is None
    write_served(tmp_path / "host", tmp_path, served)
    assert read_served(tmp_path / "host", tmp_path) == served
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    kept = read_served(moved / "host", moved)
    assert kept is not None
    assert kept.release.path == moved / "projects" / "p1" / "releases" / "3"
    moved.rename(tmp_path)


def test_ids_and_slugs_are_never_paths():
    for word in ("", ".", "..", "a/b", "a\n", "-a", "a.b", "é", "a" * 65):
        assert not PROJECT_ID.fullmatch(word)
        assert not SLUG.fullmatch(word)
    assert SLUG.fullmatch("my-shop-2")
    assert not SLUG.fullmatch("shop-")
