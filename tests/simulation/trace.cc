#include "tests/simulation/trace.h"

#include "base/digest.h"

namespace billhook::simulation {
namespace {

constexpr std::size_t last_lines_kept = 60;
constexpr std::size_t link_bytes = 65536;

}  // namespace

void Trace::line(std::string text) {
    ++steps_;
    text = std::to_string(steps_) + " " + to_rfc3339(clock_.now()) + " " + text;
    if (out_) *out_ << text << "\n";
    pending_ += text + '\n';
    if (pending_.size() >= link_bytes) {
        chain_ = to_hex(sha256(chain_ + pending_));
        pending_.clear();
    }
    last_.push_back(std::move(text));
    if (last_.size() > last_lines_kept) last_.pop_front();
}

std::string Trace::digest() const {
    return to_hex(sha256(chain_ + pending_));
}

}  // namespace billhook::simulation
