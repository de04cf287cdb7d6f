import unittest

from sample_tree import PROJECT, SampleTree

ROOMS = (PROJECT / "scripts/rooms.txt").read_text()
TARGETS = """
add_room(base LIBRARIES boost_json)
add_room(net NEEDS base)
add_room(domain NEEDS base)
add_room(store NEEDS base domain)
add_room(gateway NEEDS base net domain)
add_room(flow NEEDS base domain store gateway)
add_room(http NEEDS base net domain store flow LIBRARIES curl)
add_room(cli NEEDS base net domain store gateway flow)
add_room(sandbox NEEDS base net)
add_room(server NEEDS base net domain store gateway flow http cli sandbox)
"""


class Rooms(SampleTree):
    check = "check_rooms"
    files = {
        "scripts/rooms.txt": ROOMS,
        "CMakeLists.txt": TARGETS,
        "src/main.cc": '#include "server/main.h"\n',
        "src/http/routes.cc": '#include <vector>\n#include "flow/command/cancel.h"\n#include "http/routes.h"\n',
        "src/domain/usage/meter.h": '#include "base/money.h"\n#include "domain/catalog/plan.h"\n',
        "src/flow/command/cancel.cc": 'void f(store::Writer& tx);\n',
        "tests/oracle/oracle.cc": '#include "base/money.h"\n#include "tests/oracle/oracle.h"\n',
    }

    def test_good_tree_passes(self):
        self.assert_passes()

    # What each line may not be written into which file, and the words of the complaint.
    REFUSED = [
        ("src/base/a.h", '#include "net/url.h"', "base/ includes"),
        ("src/net/a.h", '#include "domain/usage/meter.h"', "net/ includes"),
        ("src/store/a.h", '#include "gateway/stripe/client.h"', "store/ includes"),
        ("src/http/a.h", '#include "gateway/stripe/client.h"', "http/ includes"),
        ("src/flow/a.h", '#include "http/routes.h"', "flow/ includes"),
        ("src/sandbox/a.h", '#include "domain/usage/meter.h"', "must not share a brain"),
        ("src/sandbox/a_test.cc", '#include "domain/usage/meter.h"', "must not share a brain"),
        ("src/http/a.h", '#include "routes.h"', "not a full path"),
        ("src/main.cc", '#include "web/main.h"', "not a full path"),
        ("src/domain/catalog/a.h", '#include "domain/usage/meter.h"', "stands left of domain/usage"),
        ("src/domain/invoice/a.h", '#include "domain/notification/cause.h"', "stands left of"),
        ("src/domain/invoice/a.h", '#include "domain/other/cause.h"', "domain/other"),
        ("src/domain/a.h", '#include "base/money.h"', "lies in one of its folders"),
        ("src/domain/usage/a.h", "#include <chrono>", "a clock"),
        ("src/domain/usage/a.h", '#include "base/clock.h"', "a clock"),
        ("src/domain/usage/a.h", "auto t = std::chrono::system_clock::now();", "a clock"),
        ("src/domain/usage/a.h", "#include <mutex>", "a thread"),
        ("src/domain/usage/a.h", "#include <fstream>", "a file"),
        ("src/domain/usage/a.h", "auto file = YAML::LoadFile(path);", "a file"),
        ("src/domain/usage/a.h", "#include <sys/socket.h>", "a socket"),
        ("src/domain/usage/a.h", "#include <random>", "chance"),
        ("src/domain/usage/a.h", '#include "base/random.h"', "chance"),
        ("src/domain/usage/a.h", 'auto home = std::getenv("HOME");', "the environment"),
        ("src/http/a.cc", "Result<int> handle(store::Writer& tx);", "only flow/ ever holds a Writer"),
        ("src/http/a.cc", "context.store.write(scope, [](auto& tx) {});", "only flow/ ever holds a Writer"),
        ("src/cli/a.cc", "void f(Writer& tx);", "only flow/ ever holds a Writer"),
        ("src/http/a.cc", '#include "store/writer.h"', "only flow/ ever holds"),
        ("src/misc/a.h", "", "no room"),
        ("tests/oracle/a.cc", '#include "sandbox/state.h"', "tests/oracle/ includes"),
        ("CMakeLists.txt", TARGETS.replace("add_room(net NEEDS base)", "add_room(net NEEDS base domain)"), "add_room(net"),
        ("CMakeLists.txt", TARGETS.replace("add_room(cli", "add_room(clj"), "add_room(cli"),
    ]

    def test_bad_lines_are_refused(self):
        for path, text, words in self.REFUSED:
            with self.subTest(path=path, text=text):
                before = self.files.get(path)
                self.write(path, text + "\n")
                self.assert_refused(path.rsplit("/", 1)[0] if words == "no room" else path, words)
                if before is None:
                    (self.root / path).unlink()
                    if words == "no room":
                        (self.root / path).parent.rmdir()
                else:
                    self.write(path, before)

    ALLOWED = [
        ("src/domain/usage/a.h", "// std::getenv is not asked here, and neither is the system_clock"),
        ("src/domain/usage/a.h", "/* a Writer of comments,\n   with std::getenv in it */"),
        ("src/domain/usage/a_test.cc", "#include <random>"),
        ("src/http/a.cc", "struct ResponseWriter;"),
        ("src/http/a_test.cc", "void prepare(store::Writer& tx);"),
        ("src/http/a.cc", 'auto words = "the Writer";'),
    ]

    def test_lines_that_only_look_alike_pass(self):
        for path, text in self.ALLOWED:
            with self.subTest(path=path, text=text):
                self.write(path, text + "\n")
                self.assert_passes()


if __name__ == "__main__":
    unittest.main()
