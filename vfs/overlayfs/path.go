package overlayfs

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Path is a file name or path in the log, and in what is kept beside it. Names are bytes and
// JSON strings are not: one that is no UTF-8 is written as {"bytes":"BASE64"}.
type Path string

type pathBytes struct {
	Bytes []byte `json:"bytes"`
}

// MarshalJSON implements json.Marshaler.
func (p Path) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(p)) {
		return json.Marshal(string(p))
	}
	return json.Marshal(pathBytes{[]byte(p)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Path) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err == nil {
		*p = Path(s)
		return nil
	}
	var b pathBytes
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("path: %w", err)
	}
	*p = Path(b.Bytes)
	return nil
}
