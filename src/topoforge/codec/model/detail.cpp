#include "topoforge/codec/model/detail.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace topoforge {

boost::json::value to_json(const Details& details) {
  boost::json::array list;
  for (const Detail& detail : details) {
    list.push_back(boost::json::object{{"loc", boost::json::array(detail.loc.begin(), detail.loc.end())},
                                       {"msg", detail.message},
                                       {"type", detail.type}});
  }
  return list;
}

}  // namespace topoforge
