#include "flow/failure_note.h"

namespace billhook::flow {
namespace {

constexpr std::size_t bytes_max = 500;

bool continues_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

std::string failure_note(Error const& error) {
    auto note = error.detail.empty() ? error.reason : error.reason + ": " + error.detail;
    if (note.size() <= bytes_max) return note;
    auto end = bytes_max;
    while (end > 0 && continues_a_character(note[end])) --end;
    note.resize(end);
    return note;
}

}  // namespace billhook::flow
