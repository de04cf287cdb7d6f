// fuzz_TARGET CORPUS [MUTATIONS] [SEED]: every input of the corpus, then so many mutations of them, in the order that
// the seed gives. Without clang, so that `./dev test` can afford it. An input that breaks the property is named, and
// kept as /tmp/fuzz_TARGET.input.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t input_bytes_max = 64u << 10;
std::string present;  // for the signal handler
std::string kept_as;

extern "C" void keep_present(int) {
    std::fprintf(stderr, "the input that did it: %s\n", kept_as.c_str());
    std::ofstream(kept_as, std::ios::binary) << present;
    ::signal(SIGABRT, SIG_DFL);
    ::abort();
}

std::vector<std::string> read_corpus(std::filesystem::path const& folder) {
    std::vector<std::filesystem::path> paths;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<std::string> corpus;
    for (auto const& path : paths) {
        std::ifstream file(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return corpus;
}

std::string_view piece_of(std::string const& text, RandomSource& random) {
    if (text.empty()) return {};
    auto const begin = random.below(text.size());
    return std::string_view(text).substr(begin, 1 + random.below(32));
}

/// One of the small changes that a parser meets least often.
void mutate(std::string& input, std::vector<std::string> const& corpus, RandomSource& random) {
    static constexpr std::string_view odd = "\0\xff\x80\r\n\t %+&=[]{}\",:.;-0\\"sv;
    auto const at = random.below(input.size() + 1);
    switch (random.below(7)) {
        case 0:
            if (at < input.size()) input[at] ^= static_cast<char>(1u << random.below(8));
            return;
        case 1:
            input.erase(at, 1 + random.below(8));
            return;
        case 2:
            input.insert(at, 1, odd[random.below(odd.size())]);
            return;
        case 3:
            input.insert(at, piece_of(corpus[random.below(corpus.size())], random));
            return;
        case 4:
            input.insert(at, std::string(piece_of(input, random)));
            return;
        case 5:
            input.resize(at);
            return;
        default:
            if (at < input.size()) input[at] = static_cast<char>(random.next());
    }
}

void replay(std::filesystem::path const& folder, std::uint64_t mutations, std::uint64_t seed) {
    auto const corpus = read_corpus(folder);
    hold(!corpus.empty(), "the corpus has inputs");
    for (auto const& input : corpus) try_input(present = input);
    SeededRandom random(seed);
    for (std::uint64_t i = 0; i < mutations; ++i) {
        present = corpus[random.below(corpus.size())];
        for (auto changes = 1 + random.below(6); changes > 0; --changes) mutate(present, corpus, random);
        if (present.size() > input_bytes_max) present.resize(input_bytes_max);
        try_input(present);
    }
    std::printf("%zu inputs of the corpus and %llu mutations of them, seed %llu: the property holds\n", corpus.size(),
                static_cast<unsigned long long>(mutations), static_cast<unsigned long long>(seed));
}

}  // namespace
}  // namespace billhook::fuzz

int main(int argc, char** argv) {
    using namespace billhook::fuzz;
    kept_as = "/tmp/" + std::filesystem::path(argv[0]).filename().string() + ".input";
    ::signal(SIGABRT, keep_present);
    ::signal(SIGSEGV, keep_present);
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS [MUTATIONS] [SEED]\n", argv[0]);
        return 2;
    }
    replay(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0,
           argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
}
