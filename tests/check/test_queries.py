import unittest

from sample_tree import SampleTree

QUERIES = "-- fragment: columns\nid, name\n\n-- name: find\nSELECT {columns} FROM customer;\n\n" \
          "-- name: claim\nUPDATE customer;\n-- name: claim [postgres]\nUPDATE ONLY customer;\n"
SOURCE = """
namespace by_alias = store::query::customer;
auto find = reader.query(query::customer::find, {});
auto claim = reader.query(by_alias::claim, {});
"""


class Queries(SampleTree):
    check = "check_queries"
    files = {"src/store/query/customer.sql": QUERIES, "src/store/customer_store.cc": SOURCE}

    def test_good_tree_passes(self):
        self.assert_passes()

    # What the source says instead, and the words of the complaint.
    REFUSED = [
        (SOURCE.replace("query::customer::find", "query::invoice::find"), "nothing uses 'find'"),
        (SOURCE.replace("by_alias::claim", "by_alias::release"), "nothing uses 'claim'"),
        (SOURCE.replace("by_alias::claim", "other::claim"), "nothing uses 'claim'"),
        (SOURCE.replace("auto find", "// auto find"), "nothing uses 'find'"),
        (SOURCE + 'auto sql = "SELECT id FROM customer";', "SQL belongs into"),
        (SOURCE + 'auto sql = "insert into customer";'.upper().replace("AUTO SQL", "auto sql"), "SQL belongs into"),
        (SOURCE + 'auto sql = "DELETE FROM customer";', "SQL belongs into"),
        (SOURCE + 'auto sql = "UPDATE customer SET id = 1";', "SQL belongs into"),
    ]

    def test_bad_sources_are_refused(self):
        for source, words in self.REFUSED:
            with self.subTest(words=words):
                self.write("src/store/customer_store.cc", source)
                self.assert_refused(words)

    def test_a_test_is_no_user(self):
        self.write("src/store/customer_store.cc", SOURCE.replace("query::customer::find", "nothing"))
        self.write("src/store/customer_store_test.cc", SOURCE)
        self.assert_refused("nothing uses 'find' (query::customer::find)")

    def test_a_file_without_names_is_refused(self):
        self.write("src/store/query/invoice.sql", "SELECT 1;\n")
        self.assert_refused("no statement has a '-- name:' line")

    def test_another_room_s_file_is_held_to_the_same(self):
        self.write("CMakeLists.txt", "embed_statements(sandbox src/sandbox/data/file.sql billhook::sandbox::sql)\n")
        self.write("src/sandbox/data/file.sql", "-- name: save\nUPDATE object;\n")
        self.write("src/sandbox/data/file.cc", "run(sql::save);\n")
        self.assert_passes()
        self.write("src/sandbox/data/file.cc", "run(sql::load);\n")
        self.assert_refused("nothing uses 'save' (sql::save)")
        self.write("src/sandbox/data/file.cc", 'run(sql::save); run("DELETE FROM object");\n')
        self.assert_refused("SQL belongs into")


if __name__ == "__main__":
    unittest.main()
