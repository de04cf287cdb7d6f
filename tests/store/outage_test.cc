// What a database in trouble does to the store: the transaction fails, the process and the store go on.

#include <sqlite3.h>

#include <atomic>
#include <cerrno>

#include "store/setting_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::outage_test {
namespace {

STORE_SUITE(OutageTest);

/// SQLite's reads of its files fail as those of a lost network share do, as long as one of these lives.
class BrokenDisk {
  public:
    BrokenDisk() {
        for (char const* name : names) vfs()->xSetSystemCall(vfs(), name, reinterpret_cast<sqlite3_syscall_ptr>(fail));
    }
    ~BrokenDisk() {
        for (char const* name : names) vfs()->xSetSystemCall(vfs(), name, nullptr);
    }
    BrokenDisk(BrokenDisk const&) = delete;

  private:
    static constexpr char const* names[] = {"read", "pread", "pread64"};
    static sqlite3_vfs* vfs() { return sqlite3_vfs_find(nullptr); }
    static ssize_t fail(int, void*, std::size_t, off_t) {
        errno = ESTALE;  // not EIO, which SQLite takes for a corrupt file
        return -1;
    }
};

TEST_P(OutageTest, a_disk_that_cannot_be_read_fails_the_read_alone) {
    if (is_postgres()) return;  // its server reads the disk
    reopen({.readers = 1});
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "1", {1}); })));
    auto const look = [](Reader& reader) { return find_setting(reader, "a"); };
    auto const look_and_write = [&](Writer& writer) -> Status {
        TRY(look(writer));
        return save_setting(writer, "a", "2", {1});
    };
    ASSERT_TRUE(is_ok(read(look)));
    ASSERT_TRUE(is_ok(write(look_and_write)));
    // Another process's change: what the connections hold in memory is of no use any more.
    database->run("UPDATE setting SET value = '3'");
    {
        BrokenDisk const broken;
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(reason_of(read(look)), "database_unavailable");
            EXPECT_EQ(reason_of(write(look_and_write)), "database_unavailable");
        }
    }
    EXPECT_TRUE(is_ok(read(look)));
    EXPECT_TRUE(is_ok(write(look_and_write)));
}

}  // namespace
}  // namespace billhook::store::outage_test
