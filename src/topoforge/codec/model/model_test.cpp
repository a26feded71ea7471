#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/read_model.hpp"
#include "topoforge/codec/model/schema.hpp"
#include "topoforge/codec/model/write_model.hpp"

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

enum class Direction { above, below };
BOOST_DESCRIBE_ENUM(Direction, above, below)

struct Channel {
  std::string name;
  double scale = 1.0;
  static constexpr auto model() {
    return topoforge::model("Channel", "One channel",
                            field(&Channel::name, {.about = "Its name", .min_length = 1, .max_length = 4}),
                            field(&Channel::scale, {.least = 0.5, .most = 8, .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(Channel, (), (name, scale))

std::optional<std::string> no_blank(std::string_view text) {
  return text.find(' ') == std::string_view::npos ? std::nullopt : std::optional<std::string>("wanted no blank");
}

struct Everything {
  std::string text;
  std::string secret;
  bool on = false;
  std::uint16_t count = 0;
  std::optional<double> ratio;
  std::optional<Timestamp> at;
  Direction direction = Direction::above;
  std::vector<Channel> channels;
  std::map<std::string, int> weights;
  boost::json::object free;

  [[nodiscard]] std::optional<Detail> inconsistency() const {
    if (count != 13) return std::nullopt;
    return Detail{.loc = {"count"}, .message = "13 is unlucky", .type = "value_error"};
  }
  static constexpr auto model() {
    return topoforge::model(
        "Everything", "A member of each kind", field(&Everything::text, {.check = no_blank}),
        field(&Everything::secret, {.min_length = 3, .format = "password", .has_default = true}),
        field(&Everything::on, {.has_default = true}), field(&Everything::count, {.most = 1000, .has_default = true}),
        field(&Everything::direction, {.has_default = true}),
        field(&Everything::channels, {.max_length = 2, .has_default = true}),
        field(&Everything::weights, {.has_default = true}), field(&Everything::free, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(Everything, (), (text, secret, on, count, ratio, at, direction, channels, weights, free))

std::string place(const Detail& detail) {
  std::string text;
  for (const auto& step : detail.loc)
    text += "/" + (step.is_string() ? std::string(step.get_string()) : print_json(step));
  return text;
}

/// "place type" of each fault.
std::vector<std::string> faults(std::string_view json) {
  const auto read = read_model_text<Everything>(json);
  std::vector<std::string> found;
  if (read) return found;
  for (const Detail& detail : read.error()) found.push_back(place(detail) + " " + detail.type);
  return found;
}

TEST(Model, IsReadAndWrittenAsItWas) {
  const std::string json =
      R"({"text":"a","secret":"xyz","on":true,"count":7,"ratio":0.5,"at":"2026-01-12T08:00:00Z","direction":"below",)"
      R"("channels":[{"name":"cpu","scale":2.5}],"weights":{"x":-1},"free":{"any":[1,null]}})";
  const auto read = read_model_text<Everything>(json);
  ASSERT_TRUE(read) << print_json(to_json(read.error()));
  EXPECT_EQ(read->count, 7);
  EXPECT_EQ(read->direction, Direction::below);
  EXPECT_EQ(read->channels.at(0).name, "cpu");
  EXPECT_EQ(read->weights.at("x"), -1);
  EXPECT_EQ(write_model(*read), *parse_json(json));
  EXPECT_EQ(print_model(*read), json);
}

TEST(Model, IsPrintedAsItsValueIs) {
  Everything model;
  model.text = "a \"quote\", \\ and a line\n\x01\u00e9";
  model.ratio = -0.0;
  model.channels = {{.name = "cpu", .scale = 1e300}, {.name = "", .scale = std::numeric_limits<double>::infinity()}};
  model.weights = {{"with \"quotes\"", 1}, {"x", -7}};
  model.free = {{"deep", boost::json::array{1, "two", nullptr, boost::json::object{{"three", 3.5}}}}};
  EXPECT_EQ(print_model(model), print_json(write_model(model)));
  model.channels.clear();
  EXPECT_EQ(print_model(model), print_json(write_model(model)));
}

TEST(Model, WhatNeedNotBeGivenIsAsByDefault) {
  const auto read = read_model_text<Everything>(R"({"text":"a","unknown":1,"ratio":null,"channels":[{"name":"c"}]})");
  ASSERT_TRUE(read) << print_json(to_json(read.error()));
  EXPECT_FALSE(read->ratio);
  EXPECT_EQ(read->channels.at(0).scale, 1.0);
}

TEST(Model, EveryFaultIsToldWithItsPlace) {
  EXPECT_THAT(faults("{}"), ElementsAre("/body/text missing"));
  EXPECT_THAT(faults("[]"), ElementsAre("/body model_type"));
  EXPECT_THAT(faults(R"({"text":)"), ElementsAre("/body/text json_invalid"));
  EXPECT_THAT(faults(R"({"text":1,"on":"true","count":"3","ratio":"x","at":"soon","direction":"left"})"),
              ElementsAre("/body/text string_type", "/body/on bool_type", "/body/count int_type",
                          "/body/ratio float_type", "/body/at datetime_parsing", "/body/direction enum"));
  EXPECT_THAT(faults(R"({"text":"a b","secret":"xy","count":1001})"),
              ElementsAre("/body/text value_error", "/body/secret string_too_short", "/body/count less_than_equal"));
  EXPECT_THAT(faults(R"({"text":"a","count":-1})"), ElementsAre("/body/count greater_than_equal"));
  EXPECT_THAT(faults(R"({"text":"a","count":1.5})"), ElementsAre("/body/count int_type"));
  EXPECT_THAT(faults(R"({"text":"a","count":1e30})"), ElementsAre("/body/count less_than_equal"));
  EXPECT_THAT(faults(R"({"text":"a\u0000"})"), ElementsAre("/body/text value_error"));
  EXPECT_THAT(faults(R"({"text":{"$gt":""}})"), ElementsAre("/body/text string_type"));
  EXPECT_THAT(faults(R"({"text":"a","channels":[{"name":"c"},{"name":"","scale":9}]})"),
              ElementsAre("/body/channels/1/name string_too_short", "/body/channels/1/scale less_than_equal"));
  EXPECT_THAT(faults(R"({"text":"a","channels":[1,2,3]})"), ElementsAre("/body/channels too_long"));
  EXPECT_THAT(faults(R"({"text":"a","weights":{"x":"1"}})"), ElementsAre("/body/weights/x int_type"));
  EXPECT_THAT(faults(R"({"text":"a","free":[]})"), ElementsAre("/body/free dict_type"));
  EXPECT_THAT(faults(R"({"text":"a","count":13})"), ElementsAre("/body/count value_error"));
}

TEST(Model, CharactersAreCountedNotBytes) {
  EXPECT_TRUE(read_model_text<Channel>(R"({"name":"äöüß"})"));
  EXPECT_FALSE(read_model_text<Channel>(R"({"name":"äöüßx"})"));
}

TEST(Model, ASecretIsNotQuoted) {
  const auto read = read_model_text<Everything>(R"({"text":"a","secret":12345})");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().at(0).message, Not(HasSubstr("12345")));
}

TEST(Model, AnAvalancheOfFaultsIsCut) {
  std::string json = R"({"text":"a","weights":{)";
  for (int i = 0; i < 1000; ++i) json += (i > 0 ? "," : "") + ("\"" + std::to_string(i) + "\":null");
  const auto read = read_model_text<Everything>(json + "}}");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().size(), kMaxModelDetails);
}

struct Search {
  std::optional<std::string> source;
  std::optional<double> min_score;
  std::uint32_t page = 1;
  bool deep = false;
  std::vector<std::string> tag;
  static constexpr auto model() {
    return topoforge::model("Search", "A query", field(&Search::min_score, {.least = 0, .most = 1}),
                            field(&Search::page, {.about = "Page, from 1", .least = 1, .has_default = true}),
                            field(&Search::deep, {.has_default = true}), field(&Search::tag, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(Search, (), (source, min_score, page, deep, tag))

TEST(Model, IsReadFromTheTextsOfAQuery) {
  const auto read = read_model_fields<Search>(
      {{"page", "2"}, {"min_score", "0.25"}, {"tag", "a"}, {"tag", "7"}, {"deep", "true"}, {"source", "12"}}, "query");
  ASSERT_TRUE(read) << print_json(to_json(read.error()));
  EXPECT_EQ(read->page, 2U);
  EXPECT_EQ(read->min_score, 0.25);
  EXPECT_THAT(read->tag, ElementsAre("a", "7"));
  EXPECT_TRUE(read->deep);
  EXPECT_EQ(read->source, "12");
}

TEST(Model, FaultsOfAQueryAreThoseOfTexts) {
  const auto read = read_model_fields<Search>({{"page", "one"}, {"min_score", "nan"}, {"deep", "maybe"}}, "query");
  ASSERT_FALSE(read);
  std::vector<std::string> found;
  for (const Detail& detail : read.error()) found.push_back(place(detail) + " " + detail.type);
  EXPECT_THAT(found,
              ElementsAre("/query/min_score finite_number", "/query/page int_parsing", "/query/deep bool_parsing"));
}

TEST(Model, ItsSchemaSaysWhatItsReaderWants) {
  SchemaCollection collection;
  EXPECT_EQ(print_json(collection.schema_of<Channel>(SchemaUse::reading)),
            R"({"$ref":"#/components/schemas/Channel"})");
  EXPECT_EQ(print_json(collection.schemas()),
            R"({"Channel":{"type":"object","title":"Channel","description":"One channel","properties":{)"
            R"("name":{"type":"string","minLength":1,"maxLength":4,"description":"Its name"},)"
            R"("scale":{"type":"number","minimum":0.5,"maximum":8,"default":1}},"required":["name"]}})");
  const auto parameters = collection.query_parameters<Search>();
  EXPECT_EQ(print_json(parameters.at(1)),
            R"({"name":"min_score","in":"query","required":false,"schema":{"type":"number","minimum":0,"maximum":1}})");
  EXPECT_EQ(print_json(parameters.at(2)),
            R"({"name":"page","in":"query","required":false,"description":"Page, from 1",)"
            R"("schema":{"type":"integer","minimum":1,"default":1}})");
}

/// A struct that says nothing of models by itself.
struct Place {
  int row = 0;
};
BOOST_DESCRIBE_STRUCT(Place, (), (row))
constexpr auto model_of(std::type_identity<Place>) { return model("Place", "Where", field(&Place::row, {.least = 0})); }

struct Written {
  std::optional<int> count;
  std::optional<Place> place;
  std::variant<Place, Channel> either;
  std::vector<std::pair<std::string, int>> by_name;
  static constexpr auto model() {
    return topoforge::model("Written", "What is written alone", field(&Written::count, {.left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(Written, (), (count, place, either, by_name))

TEST(Model, WhatIsEmptyIsLeftOutWhereItsRuleSaysSo) {
  Written written;
  EXPECT_EQ(print_model(written), R"({"place":null,"either":{"row":0},"by_name":{}})");
  written = {.count = 1, .place = Place{2}, .either = Channel{.name = "cpu"}, .by_name = {{"b", 2}, {"a", 1}}};
  EXPECT_EQ(print_model(written), R"({"count":1,"place":{"row":2},"either":{"name":"cpu","scale":1},)"
                                  R"("by_name":{"b":2,"a":1}})");
}

TEST(Model, TheSchemaOfWhatIsWrittenFitsIt) {
  SchemaCollection collection;
  static_cast<void>(collection.schema_of<Written>(SchemaUse::writing));
  const auto& schema = collection.schemas().at("Written").as_object();
  EXPECT_EQ(print_json(schema.at("properties")),
            R"({"count":{"type":"integer"},)"
            R"("place":{"anyOf":[{"$ref":"#/components/schemas/Place"},{"type":"null"}]},)"
            R"("either":{"anyOf":[{"$ref":"#/components/schemas/Place"},{"$ref":"#/components/schemas/Channel"}]},)"
            R"("by_name":{"type":"object","additionalProperties":{"type":"integer"}}})");
  EXPECT_EQ(print_json(schema.at("required")), R"(["place","either","by_name"])");
  EXPECT_EQ(print_json(collection.schemas().at("Place").at("properties")), R"({"row":{"type":"integer","minimum":0}})");
}

}  // namespace
}  // namespace topoforge
