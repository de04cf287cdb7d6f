#include "sandbox/core/object_store.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::object_store_test {
namespace {

struct Shelf : testing::Test {
    Shelf() {
        store.add_index("book", "author");
        store.insert("book", {{"id", "a"}, {"author", "x"}});
        store.insert("book", {{"id", "b"}, {"author", "y"}});
        store.commit();
    }
    std::string by(std::string_view author) {
        std::string ids;
        for (auto const& [sequence, book] : store.where("book", "author", author)) ids += book->id;
        return ids;
    }
    std::string all() {
        std::string ids;
        for (auto const& [sequence, book] : store.all("book")) ids += book->id;
        return ids;
    }
    ObjectStore store;
};

TEST_F(Shelf, FollowsChangesInItsIndexes) {
    store.edit("book", "b")["author"] = "x";
    EXPECT_EQ(by("x"), "ab");
    EXPECT_EQ(by("y"), "");
    store.edit("book", "a")["deleted"] = true;
    EXPECT_EQ(by("x"), "b");
    EXPECT_EQ(all(), "b");
    EXPECT_NE(store.find("book", "a"), nullptr) << "found by its id all the same";
}

TEST_F(Shelf, GoesBackToAMark) {
    auto const start = store.mark();
    store.insert("book", {{"id", "c"}, {"author", "x"}});
    store.edit("book", "a")["author"] = "z";
    auto const middle = store.mark();
    store.edit("book", "a")["author"] = "w";
    store.erase("book", "b");
    EXPECT_EQ(all(), "ac");
    store.roll_back_to(middle);
    EXPECT_EQ(all(), "abc");
    EXPECT_EQ(by("z"), "a");
    store.roll_back_to(start);
    EXPECT_EQ(all(), "ab");
    EXPECT_EQ(by("x"), "a");
    EXPECT_EQ(by("y"), "b");
    // What was tried and taken back can be done again.
    store.insert("book", {{"id", "c"}, {"author", "x"}});
    EXPECT_EQ(by("x"), "ac");
}

TEST_F(Shelf, ErasesAndMakesAnewWithinOneScope) {
    auto const start = store.mark();
    store.erase("book", "a");
    store.insert("book", {{"id", "a"}, {"author", "q"}});
    EXPECT_EQ(by("q"), "a");
    store.roll_back_to(start);
    EXPECT_EQ(by("x"), "a");
    EXPECT_EQ(by("q"), "");
}

TEST_F(Shelf, MembersStayWhereTheyAreWhileTheirObjectGrows) {
    auto const* author = store.find("book", "a")->if_contains("author");
    auto& book = store.edit("book", "a");
    for (int i = 0; i < 12; ++i) book["note_" + std::to_string(i)] = i;
    EXPECT_EQ(store.find("book", "a")->if_contains("author"), author);
    // Room is made between two commits, never within one.
    store.commit();
    author = store.find("book", "a")->if_contains("author");
    for (int i = 12; i < 40; ++i) store.edit("book", "a")["note_" + std::to_string(i)] = i;
    EXPECT_EQ(store.find("book", "a")->if_contains("author"), author);
}

TEST_F(Shelf, WhatWasFoundOutlivesItsUndoing) {
    store.mark();
    auto const before = store.mark();
    store.edit("book", "a")["author"] = JsonArray{"x", "a name too long to be kept in place, which lies elsewhere"};
    auto const& authors = store.find("book", "a")->at("author").as_array();
    auto const& second = store.insert("book", {{"id", "c"}, {"author", "somebody whose name lies elsewhere"}});
    store.roll_back_to(before);
    EXPECT_EQ(authors.at(0), Json("x"));
    EXPECT_EQ(authors.at(1), Json("a name too long to be kept in place, which lies elsewhere"));
    EXPECT_EQ(second.at("author"), Json("somebody whose name lies elsewhere"));
    EXPECT_EQ(by("x"), "a");
    store.commit();
    EXPECT_EQ(all(), "ab");
}

TEST_F(Shelf, AListingIsNotDisturbedByWhatIsDoneWhileWalkingThroughIt) {
    for (auto const* id : {"c", "d", "e"}) store.insert("book", {{"id", id}, {"author", "x"}});
    std::string seen;
    for (auto const& [sequence, book] : store.where("book", "author", "x")) {
        seen += book->id;
        if (!store.find("book", book->id)) continue;
        store.edit("book", book->id)["author"] = "z";
        EXPECT_EQ(by("z"), seen);
        if (book->id == "d") store.erase("book", "e");
    }
    EXPECT_EQ(seen, "acde");
    EXPECT_EQ(by("x"), "");
    EXPECT_EQ(by("z"), "acd");
}

TEST_F(Shelf, TellsEachChangeOnceAtCommit) {
    store.edit("book", "a")["author"] = "z";
    store.edit("book", "a")["author"] = "w";
    store.insert("book", {{"id", "c"}, {"author", "x"}});
    store.erase("book", "b");
    store.insert("book", {{"id", "d"}, {"author", "x"}});
    store.erase("book", "d");
    store.insert("book", {{"id", "b"}, {"author", "anew"}});
    std::string told;
    store.commit([&](StoredObject const& book) { told += book.id + (book.is_erased ? "-" : "+"); });
    EXPECT_EQ(told, "a+c+b-b+") << "of the two books named b one is gone and one is kept";
    EXPECT_FALSE(store.has_changes());
    store.commit([&](StoredObject const&) { ADD_FAILURE(); });
}

}  // namespace
}  // namespace billhook::sandbox::object_store_test
