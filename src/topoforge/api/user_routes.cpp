#include "topoforge/api/user_routes.hpp"

#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "topoforge/api/auth/accounts.hpp"

namespace topoforge::api {
namespace {

struct UserSearch {
  std::optional<Role> role;
  std::uint64_t page = 1;
  std::uint64_t limit = 100;
  static constexpr auto model() {
    return topoforge::model("UserSearch", "Which accounts",
                            field(&UserSearch::page, {.least = 1, .most = 1'000'000, .has_default = true}),
                            field(&UserSearch::limit, {.least = 1, .most = kMaxRecordLimit, .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(UserSearch, (), (role, page, limit))

struct UserList {
  std::vector<AccountView> data;
  std::uint64_t page = 1;
  std::uint64_t limit = 0;
  std::uint64_t total = 0;
  static constexpr auto model() { return topoforge::model("UserList", "Accounts, oldest first"); }
};
BOOST_DESCRIBE_STRUCT(UserList, (), (data, page, limit, total))

/// Everybody about himself, admins about all.
std::optional<Problem> not_for(const Account& account, std::string_view user_id) {
  if (account.role == Role::admin || account.user_id == user_id) return std::nullopt;
  return problem(403, "This needs the role admin, or to be your own account");
}

http::Task<Reply<UserList>> list(Accounts& accounts, UserSearch search) {
  RecordQuery query{.page = search.page, .limit = search.limit};
  if (search.role) {
    query.field = "role";
    query.value = enum_text(*search.role);
  }
  Reply<RecordPage<User>> page = co_await accounts.list(std::move(query));
  if (!page) co_return tl::unexpected(std::move(page.error()));
  UserList answer{.data = {}, .page = search.page, .limit = search.limit, .total = page->total};
  for (const User& user : page->data) answer.data.push_back(view_of(user));
  co_return answer;
}

http::Task<Reply<AccountView>> get(Accounts& accounts, Account account, std::string id) {
  if (auto refused = not_for(account, id)) co_return tl::unexpected(std::move(*refused));
  Reply<User> user = co_await accounts.get(std::move(id));
  if (!user) co_return tl::unexpected(std::move(user.error()));
  co_return view_of(*user);
}

http::Task<Reply<AccountView>> change(Accounts& accounts, Account account, std::string id, AccountChange change) {
  if (auto refused = not_for(account, id)) co_return tl::unexpected(std::move(*refused));
  if ((change.role || change.is_active) && account.role != Role::admin) {
    co_return tl::unexpected(problem(403, "The role and is_active are changed by admins alone"));
  }
  Reply<User> user = co_await accounts.change(std::move(id), std::move(change));
  if (!user) co_return tl::unexpected(std::move(user.error()));
  co_return view_of(*user);
}

http::Task<Reply<NoContent>> erase(Services& services, std::string id) {
  Reply<NoContent> erased = co_await services.accounts.erase(id);
  if (!erased) co_return erased;
  const Result<void> forgotten = co_await services.alerts.dispatcher.forget_owner(id);
  // They send nothing without their owner in any case.
  if (!forgotten) spdlog::warn("alert configurations of the erased account {} are left", id);
  co_return erased;
}

}  // namespace

void add_user_routes(RouteTable& routes, Services& services) {
  Accounts& accounts = services.accounts;
  routes.add(
      {.method = "GET", .path = "/api/users", .tag = "users", .summary = "List accounts", .access = Access::admin},
      [&accounts](const Call&, Query<UserSearch> search) { return list(accounts, search.value); });
  routes.add({.method = "GET",
              .path = "/api/users/{id}",
              .tag = "users",
              .summary = "An account: one's own, or any for admins",
              .errors = {404}},
             [&accounts](const Call& call) { return get(accounts, *call.account, call.id()); });
  routes.add({.method = "PUT",
              .path = "/api/users/{id}",
              .tag = "users",
              .summary = "Change an account: one's own, or any for admins",
              .errors = {400, 404, 409}},
             [&accounts](const Call& call, Body<AccountChange> body) {
               return change(accounts, *call.account, call.id(), std::move(body.value));
             });
  routes.add({.method = "DELETE",
              .path = "/api/users/{id}",
              .tag = "users",
              .summary = "Delete an account; never the last admin",
              .access = Access::admin,
              .status = 204,
              .errors = {404, 409}},
             [&services](const Call& call) { return erase(services, call.id()); });
}

}  // namespace topoforge::api
