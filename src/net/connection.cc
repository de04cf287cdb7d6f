#include "net/connection.h"

#include <cstring>
#include <exception>

#include "base/log.h"

namespace billhook::net {
namespace {

constexpr std::size_t input_bytes_first = 8u << 10;
constexpr std::size_t copied_body_bytes_max = 16u << 10;
constexpr std::size_t output_bytes_before_write = 64u << 10;       // pipelined answers go out together up to here
constexpr Duration linger_timeout = Duration::milliseconds(1500);  // ticks are at most half a second apart: 2 s in all

}  // namespace

Connection::Connection(std::shared_ptr<EventLoop> loop, Place place, std::string remote_address)
    : loop_(std::move(loop)),
      place_(std::move(place)),
      remote_address_(std::move(remote_address)),
      reader_({.header_bytes_max = loop_->shared().options.header_bytes_max,
               .header_count_max = loop_->shared().options.header_count_max,
               .body_bytes_max = loop_->shared().options.body_bytes_max}) {}

void Connection::start() {
    enter(Phase::handshaking, loop_->shared().options.header_timeout);
    begin_handshake();
}

void Connection::on_handshake(bool has_succeeded) {
    if (phase_ == Phase::closed) return;
    if (!has_succeeded) return close();
    enter(Phase::idle, loop_->shared().options.header_timeout);  // a new connection is there to ask something
    want_input();
}

void Connection::on_read(std::size_t bytes, bool has_failed) {
    is_reading_ = false;
    if (phase_ == Phase::closed) return;
    if (phase_ == Phase::lingering) return has_failed ? close() : want_input();
    if (has_failed) return is_writing_ ? void() : close();
    if (phase_ == Phase::ending) return;
    input_end_ += bytes;
    run();
}

// The whole life between two events: take requests, write answers (within the turn), then wait for whichever is
// missing.
void Connection::run() {
    if (is_running_) return;  // a handler answered at once; the loop below goes on with it
    is_running_ = true;
    auto const self = shared_from_this();
    bool has_more = true;
    while (has_more) {
        has_more = take_requests();
        if (has_more) flush();
    }
    is_running_ = false;
    if (!has_unsent() || is_writing_) return settle();
    if (!std::exchange(is_flush_due_, true)) loop_->flush_later(*this);
}

void Connection::flush_and_settle() {
    is_flush_due_ = false;
    if (phase_ == Phase::closed) return;
    flush();
    settle();
}

// True: there is more to take once what is there has been written.
bool Connection::take_requests() {
    while (!is_writing_ && (phase_ == Phase::idle || phase_ == Phase::reading)) {
        if (output_.size() >= output_bytes_before_write || !output_body_.empty()) return true;
        if (!read_next()) return false;
    }
    return false;
}

bool Connection::read_next() {
    std::size_t consumed = 0;
    auto const progress = reader_.read(unread(), consumed);
    input_begin_ += consumed;
    switch (progress) {
        case ReadProgress::need_more:
            enter_stage();
            return false;
        case ReadProgress::wants_continue:
            enter_stage();
            output_ += "HTTP/1.1 100 Continue\r\n\r\n";
            return false;
        case ReadProgress::refused:
            refuse(reader_.refusal().problem, reader_.refusal().detail);
            return false;
        case ReadProgress::complete:
            hand_over();
            return true;
    }
    return false;
}

// Each stage has one deadline from its beginning: a byte now and then does not prolong it.
void Connection::enter_stage() {
    auto const stage = reader_.stage();
    if (stage == entered_stage_ && phase_ == Phase::reading) return;
    entered_stage_ = stage;
    auto const& options = loop_->shared().options;
    if (stage == RequestReader::Stage::head) enter(Phase::reading, options.header_timeout);
    if (stage == RequestReader::Stage::body) enter(Phase::reading, options.body_timeout);
}

void Connection::hand_over() {
    request_keeps_alive_ = reader_.wants_keep_alive();
    is_http_1_0_ = reader_.is_http_1_0();
    auto& request = reader_.request();
    is_head_request_ = request.method == "HEAD";
    request.remote_address = remote_address_;
    ++request_number_;
    loop_->count_request();
    enter(Phase::handling, loop_->shared().options.request_timeout);
    try {
        loop_->shared().handler(std::move(request), Responder(shared_from_this(), request_number_));
    } catch (std::exception const& exception) {
        // The responder answered 500 when the exception destroyed it.
        log(LogLevel::error, "an HTTP handler threw", {{"what", exception.what()}});
    }
    reader_.begin_next();
}

void Connection::respond(std::uint64_t request, HttpResponse&& response) {
    if (loop_->is_current_thread())
        answer(request, std::move(response));
    else
        loop_->post_answer(shared_from_this(), request, std::move(response));
}

void Connection::answer(std::uint64_t request, HttpResponse&& response) {
    if (!is_owed(request)) return;  // too late: it was answered by the deadline
    if (response.status == 0) return close();
    bool const keep_alive = may_keep_alive() && !wants_close(response);
    append_answer(std::move(response), keep_alive);
    end_request(keep_alive);
}

void Connection::respond_json(std::uint64_t request, std::string_view body) {
    if (!loop_->is_current_thread()) return ResponseSink::respond_json(request, body);
    if (!is_owed(request)) return;
    bool const keep_alive = may_keep_alive();
    append_json_head(output_, body.size(), {.keep_alive = keep_alive, .is_http_1_0 = is_http_1_0_}, loop_->date());
    if (!is_head_request_) output_ += body;
    end_request(keep_alive);
}

void Connection::end_request(bool keep_alive) {
    if (keep_alive)
        enter(Phase::idle, loop_->shared().options.idle_timeout);
    else
        enter(Phase::ending, loop_->shared().options.write_timeout);
    run();
}

void Connection::append_answer(HttpResponse&& response, bool keep_alive) {
    ResponseFraming const framing{.keep_alive = keep_alive, .is_http_1_0 = is_http_1_0_};
    if (!append_response_head(output_, response, framing, loop_->date())) {
        log(LogLevel::error, "an HTTP handler answered what cannot be sent", {{"status", response.status}});
        response = to_response(ServerProblem::internal_error, "The answer could not be sent; this has been logged.");
        append_response_head(output_, response, framing, loop_->date());
    }
    if (is_head_request_ || !may_have_body(response.status)) return;
    if (response.body.size() <= copied_body_bytes_max)
        output_ += response.body;
    else
        output_body_ = std::move(response.body);
}

void Connection::refuse(ServerProblem problem, std::string_view detail) {
    is_head_request_ = false;
    append_answer(to_response(problem, detail), false);
    enter(Phase::ending, loop_->shared().options.write_timeout);
}

void Connection::flush() {
    if (phase_ == Phase::closed || is_writing_ || !has_unsent()) return;
    writing_.clear();
    std::swap(writing_, output_);
    writing_body_ = std::exchange(output_body_, {});
    write_deadline_ = after(loop_->shared().options.write_timeout);
    is_writing_ = !write(writing_, writing_body_);
}

void Connection::on_written(bool has_failed) {
    is_writing_ = false;
    if (phase_ == Phase::closed) return;
    if (has_failed) return close();
    run();
}

void Connection::settle() {
    if (is_writing_) return;
    if (phase_ == Phase::idle && unread().empty() && loop_->is_draining()) close_unless_asked();
    if (phase_ == Phase::idle || phase_ == Phase::reading) return want_input();
    if (phase_ == Phase::ending) linger();
}

// RFC 9112 section 9.6: closing at once would reset the connection if something more has come or still comes, and the
// client could lose the answer. While a request was handled nothing was read, so nobody knows what waits in the kernel.
void Connection::linger() {
    enter(Phase::lingering, linger_timeout);
    input_begin_ = input_end_ = 0;
    begin_shutdown();
    want_input();
}

void Connection::want_input() {
    if (is_reading_ || phase_ == Phase::closed) return;
    is_reading_ = true;
    begin_read(room_for_input());
}

std::span<char> Connection::room_for_input() {
    if (phase_ == Phase::lingering) input_begin_ = input_end_ = 0;
    if (input_begin_ > 0) {
        std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
        input_end_ -= input_begin_;
        input_begin_ = 0;
    }
    // The reader refuses a head (or a chunk line) that is longer than its limit, so this ends there.
    if (input_end_ == input_.size()) input_.resize(std::max(input_bytes_first, 2 * input_.size()));
    return std::span(input_).subspan(input_end_);
}

void Connection::tick(SteadyTime now) {
    if (is_writing_ && now >= write_deadline_) return close();
    if (now < deadline_ || phase_ == Phase::closed) return;
    switch (phase_) {
        case Phase::reading:
            refuse(ServerProblem::request_timeout, "Expected the whole request sooner.");
            return run();
        case Phase::handling:
            request_keeps_alive_ = false;
            return answer(request_number_, to_response(ServerProblem::no_answer_in_time,
                                                       "The request may still be carried out; ask again later."));
        case Phase::idle:
            return close_unless_asked();
        default:
            return close();
    }
}

void Connection::drain() {
    bool const is_idle = phase_ == Phase::idle && !is_writing_ && !has_unsent() && unread().empty();
    if (is_idle || (phase_ == Phase::handshaking && !has_input())) close_unless_asked();
}

// What has come and was not yet read is a request that began in time: it has a request's time to come whole.
void Connection::close_unless_asked() {
    if (!has_input()) return close();
    enter(Phase::reading, loop_->shared().options.header_timeout);
}

void Connection::close() {
    if (phase_ == Phase::closed) return;
    auto const self = shared_from_this();
    phase_ = Phase::closed;
    close_socket();
    place_.reset();
    loop_->remove(*this);
}

SteadyTime Connection::after(Duration duration) const {
    return loop_->now() + std::chrono::milliseconds(duration.ms);
}

void Connection::enter(Phase phase, Duration timeout) {
    phase_ = phase;
    deadline_ = after(timeout);
}

}  // namespace billhook::net
