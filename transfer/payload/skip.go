package payload

import "strconv"

// skip reads the value at pos as strictly as any other, and returns how many values it holds: scalars, and objects and
// arrays without content.
func (s *scanner) skip() (values int64, err error) {
	switch s.peek() {
	case '{':
		return s.skipObject()
	case '[':
		return s.skipArray()
	}
	_, _, _, err = s.scalar()
	return 1, err
}

func (s *scanner) skipObject() (values int64, err error) {
	mark, err := s.open()
	if err != nil {
		return 0, err
	}
	for first := true; ; first = false {
		_, _, more, err := s.member(first)
		if err != nil {
			return 0, err
		}
		if !more {
			s.close(mark)
			return max(values, 1), nil
		}
		n, err := s.skip()
		if err != nil {
			return 0, within("?", err)
		}
		values += n
	}
}

func (s *scanner) skipArray() (values int64, err error) {
	mark, err := s.open()
	if err != nil {
		return 0, err
	}
	for i := 0; ; i++ {
		more, err := s.next(i == 0, ']')
		if err != nil {
			return 0, err
		}
		if !more {
			s.close(mark)
			return max(values, 1), nil
		}
		n, err := s.skip()
		if err != nil {
			return 0, within(strconv.Itoa(i), err)
		}
		values += n
	}
}
