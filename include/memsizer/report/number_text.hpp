#pragma once
// Numbers as text for people: commas between thousands, times as hours:minutes:seconds, bytes with units.

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "memsizer/base/checked.hpp"

namespace memsizer::report {

/// 1234567 -> "1,234,567"
inline std::string with_thousands(Index number) {
  std::string text = std::to_string(number);
  const std::size_t first_digit = number < 0 ? 1 : 0;
  for (std::size_t place = text.size(); place > first_digit + 3;) text.insert(place -= 3, ",");
  return text;
}

/// A number with `digits` significant digits, without an exponent from 1e-4 to 1e15: 0.012345 -> "0.0123".
/// "-" if it is not finite.
inline std::string short_number(double number, int digits = 3) {
  if (!std::isfinite(number)) return "-";
  const double magnitude = std::abs(number);
  if (magnitude >= std::pow(10.0, digits) && magnitude < 1e15) return with_thousands(std::llround(number));
  char text[48];
  std::snprintf(text, sizeof text, "%.*g", digits, number);
  return text;
}

/// 75 -> "1:15", 3725 -> "1:02:05"; "-" if the number is negative, not finite or too large.
inline std::string duration_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) return "-";
  const long long whole = std::llround(seconds);
  char text[48];
  if (whole < 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

/// 1536 -> "1.5 KiB"
inline std::string bytes_text(Index bytes) {
  static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; std::abs(amount) >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
  const double tenths = std::round(amount * 10) / 10;
  char text[48];
  std::snprintf(text, sizeof text, tenths >= 100 || tenths == std::round(tenths) ? "%.0f %s" : "%.1f %s",
                amount, units[unit]);
  return text;
}

}  // namespace memsizer::report
