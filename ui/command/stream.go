package command

import "os"

// stream is standard output, and remembers what it did not take: most of what is
// printed is printed without a look at that.
type stream struct {
	*os.File
	lost error // the first failure; nil where all was written
}

// Write implements io.Writer.
func (s *stream) Write(text []byte) (int, error) {
	n, err := s.File.Write(text)
	return n, s.note(err)
}

// WriteString implements io.StringWriter.
func (s *stream) WriteString(text string) (int, error) { return s.Write([]byte(text)) }

func (s *stream) note(err error) error {
	if s.lost == nil {
		s.lost = err
	}
	return err
}
