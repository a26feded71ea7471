#include "topoforge/api/auth_routes.hpp"

#include <string>
#include <utility>

#include "topoforge/api/auth/accounts.hpp"
#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {
namespace {

http::Task<Reply<TokenGrant>> register_account(Accounts& accounts, Registration registration) {
  Reply<User> user = co_await accounts.create(std::move(registration), Role::viewer);
  if (!user) co_return tl::unexpected(std::move(user.error()));
  Reply<TokenGrant> granted = co_await accounts.open_session(std::move(*user));
  if (granted) granted->message = "User registered successfully";
  co_return granted;
}

http::Task<Reply<TokenGrant>> sign_in(Services& services, const http::Request& request, SignIn credentials) {
  Reply<std::optional<User>> found = co_await services.accounts.find(credentials.username);
  if (!found) co_return tl::unexpected(std::move(found.error()));
  // An account has several names, and a name of nobody several spellings: they count as one.
  const std::string account = *found ? "account " + (*found)->id : "name " + lower_case(credentials.username);
  const Reply<http::Fields> allowed = services.limits.count_sign_in(request, account);
  if (!allowed) co_return tl::unexpected(allowed.error());
  Reply<User> user = co_await services.accounts.check_password(std::move(*found), std::move(credentials.password));
  constexpr unsigned kUnauthorized = 401;
  if (user || user.error().status != kUnauthorized) services.limits.take_back_sign_in(request, account);
  if (!user) co_return tl::unexpected(std::move(user.error()));
  co_return co_await services.accounts.open_session(std::move(*user));
}

http::Task<Reply<AccountView>> me(Accounts& accounts, std::string user_id) {
  Reply<User> user = co_await accounts.get(std::move(user_id));
  if (!user) co_return tl::unexpected(std::move(user.error()));
  co_return view_of(*user);
}

void add_sign_in(RouteTable& routes, Services& services) {
  routes.add({.method = "POST",
              .path = "/api/auth/register",
              .tag = "auth",
              .summary = "Make an account, and sign in",
              .description = "A new account is a viewer.",
              .access = Access::anyone,
              .pages = http::Pages::trusted,
              .limit = RateLimitClass::registration,
              .errors = {400}},
             [&accounts = services.accounts](const Call&, Body<Registration> body) {
               return register_account(accounts, std::move(body.value));
             });
  routes.add({.method = "POST",
              .path = "/api/auth/login",
              .tag = "auth",
              .summary = "Sign in with a name or an e-mail address",
              .access = Access::anyone,
              .errors = {401},
              .form = true},
             [&services](const Call& call, Body<SignIn> body) {
               return sign_in(services, call.request, std::move(body.value));
             });
  routes.add({.method = "GET", .path = "/api/auth/me", .tag = "auth", .summary = "One's own account"},
             [&accounts = services.accounts](const Call& call) { return me(accounts, call.account->user_id); });
  routes.add({.method = "POST",
              .path = "/api/auth/refresh",
              .tag = "auth",
              .summary = "New tokens for a refresh token",
              .description = "Each refresh token is good once. Using one again ends its session.",
              .access = Access::anyone,
              .errors = {401}},
             [&accounts = services.accounts](const Call&, Body<TokenRefresh> body) {
               return accounts.refresh(std::move(body.value.refresh_token));
             });
  routes.add({.method = "POST",
              .path = "/api/auth/logout",
              .tag = "auth",
              .summary = "Sign out",
              .description = "The session ends: neither its access tokens nor its refresh token are good any more."},
             [&accounts = services.accounts](const Call& call) { return accounts.sign_out(call.request); });
}

void add_passwords(RouteTable& routes, Services& services) {
  routes.add({.method = "POST",
              .path = "/api/auth/change-password",
              .tag = "auth",
              .summary = "Change one's password",
              .description = "All other sessions of the account end.",
              .errors = {400, 409}},
             [&accounts = services.accounts](const Call& call, Body<PasswordChange> body) {
               return accounts.change_password(call.request, call.account->user_id, std::move(body.value));
             });
  routes.add({.method = "POST",
              .path = "/api/auth/forgot-password",
              .tag = "auth",
              .summary = "Ask for a mail with a token for a new password",
              .description = "The answer is the same whether there is an account with the address or not.",
              .access = Access::anyone,
              .pages = http::Pages::trusted,
              .limit = RateLimitClass::mail},
             [&accounts = services.accounts](const Call&, Body<EmailOfAccount> body) {
               return accounts.mail_reset(std::move(body.value.email));
             });
  routes.add({.method = "POST",
              .path = "/api/auth/verify-reset-token",
              .tag = "auth",
              .summary = "Whether a token for a new password can be used",
              .access = Access::anyone},
             [&accounts = services.accounts](const Call&, Body<MailedToken> body) {
               return accounts.check_reset(std::move(body.value.token));
             });
  routes.add({.method = "POST",
              .path = "/api/auth/reset-password",
              .tag = "auth",
              .summary = "A new password, by the token of a mail",
              .description = "All sessions of the account end.",
              .access = Access::anyone,
              .errors = {400, 409}},
             [&accounts = services.accounts](const Call&, Body<PasswordReset> body) {
               return accounts.reset_password(std::move(body.value));
             });
  routes.add({.method = "POST",
              .path = "/api/auth/verify-email",
              .tag = "auth",
              .summary = "Confirm an e-mail address, by the token of a mail",
              .access = Access::anyone,
              .errors = {400, 409}},
             [&accounts = services.accounts](const Call&, Body<MailedToken> body) {
               return accounts.verify_email(std::move(body.value.token));
             });
}

}  // namespace

void add_auth_routes(RouteTable& routes, Services& services) {
  add_sign_in(routes, services);
  add_passwords(routes, services);
}

}  // namespace topoforge::api
