#pragma once
// Buyer: one customer with an application in between. What they do next is chance, weighted by what they hold; much of
// it is sensible, some is not, and the engine has to bear both.

#include <map>
#include <string>

#include "tests/simulation/world.h"

namespace billhook::simulation {

class Buyer {
  public:
    Buyer(World& world, std::string id) : world_(world), id_(std::move(id)) {}

    std::string const& id() const { return id_; }
    bool has_entered() const { return has_entered_; }
    /// One thing. Most of the time.
    void act();

  private:
    enum class Card { good, declined, fails_later, asks };

    bool chance(int permille);
    std::string pick(std::initializer_list<char const*> words);
    /// Asks, and asks again the same where no answer came, as a good client does; now and then clicks twice.
    World::Answer ask(std::string const& method, std::string const& path, JsonObject body, bool is_by_operator = false);

    void enter();
    void act_without(std::string const& line);
    void act_with(std::string const& line, Json const& held);
    void act_when_owing(std::string const& line);
    void act_when_running(std::string const& line, Json const& held);

    void use();
    void buy(std::string const& line);
    void start_trial();
    void change(std::string const& line, JsonObject wish, bool is_by_operator = false);
    void visit_checkout(std::string const& line);
    void follow_link(std::string const& line);
    bool pay(std::string const& url, Card card);
    void put_card(Card card);
    void remove_card();
    void pay_open_invoice();
    void leave_at_stripe(std::string const& line);

    Json stripe_customer();

    World& world_;
    std::string const id_;
    bool has_entered_ = false;
    std::map<std::string, std::string> checkouts_;  // open payment pages by line
    std::map<std::string, std::string> links_;      // where a 402 leads, by line
};

}  // namespace billhook::simulation
