#include "config_security.hpp"

namespace cord::app {

sip::SrtpPolicy read_srtp(TableReader& table) {
  return table
      .choice<sip::SrtpPolicy>("srtp", {{"off", sip::SrtpPolicy::off},
                                        {"optional", sip::SrtpPolicy::optional},
                                        {"required", sip::SrtpPolicy::required}})
      .value_or(sip::SrtpPolicy::optional);
}

}  // namespace cord::app
