#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/result.h"
#include "pkg/json/members.h"

namespace sluice {

/// The frame of a file that is one list: its version, and the list under `name`.

/// `list` is an array. A name that is not UTF-8 is written with replacement characters.
std::string encode_list(const char* name, nlohmann::json list);

/// Hands over the list's elements one after the other. data_loss naming the JSON pointer of the
/// first thing that is wrong in the frame or in an element.
Result<> decode_list(std::string_view text, const char* name,
                     const std::function<void(Members)>& take);

}  // namespace sluice
