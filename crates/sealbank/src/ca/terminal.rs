//! Questions on the terminal whose answers are not shown.

#[cfg(unix)]
pub(super) use unix::Terminal;
#[cfg(windows)]
pub(super) use windows::Terminal;

/// The terminal stops showing letters before the first question is, and shows them again after the last: nobody can
/// answer so fast that it is seen.
#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, ErrorKind, Read as _, Write as _};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };
    use secrecy::SecretString;
    use zeroize::Zeroizing;

    /// The terminal that the command was given on, which shows nothing of what is typed until this is dropped.
    pub(in crate::ca) struct Terminal {
        tty: File,
        /// As it was, and shall be again.
        before: Termios,
    }

    /// What Ctrl-C sends.
    const CONTROL_C: u8 = 0x03;

    /// The longest line that a terminal hands on, with its end.
    const LONGEST: usize = 4096;

    impl Terminal {
        /// Stops it from showing what is typed.
        ///
        /// # Errors
        ///
        /// There is no terminal, or it can't be told so.
        pub(in crate::ca) fn open() -> io::Result<Self> {
            let tty = File::options().read(true).write(true).open("/dev/tty")?;
            let before = tcgetattr(&tty)?;
            let mut silent = before.clone();
            // Ctrl-C ends the line instead of the process, which would leave the terminal silent for ever.
            let shown = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG;
            silent.local_modes.remove(shown);
            silent.local_modes.insert(LocalModes::ICANON);
            silent.special_codes[SpecialCodeIndex::VEOL] = CONTROL_C;
            tcsetattr(&tty, OptionalActions::Drain, &silent)?;
            Ok(Self { tty, before })
        }

        /// Asks, and waits for a line.
        ///
        /// # Errors
        ///
        /// [`ErrorKind::Interrupted`] after Ctrl-C; [`ErrorKind::UnexpectedEof`] after Ctrl-D; whatever else the
        /// terminal suffers from.
        pub(in crate::ca) fn ask(&mut self, question: &str) -> io::Result<SecretString> {
            self.tty.write_all(question.as_bytes())?;
            let mut line = Zeroizing::new([0; LONGEST]);
            let count = self.tty.read(&mut line[..])?;
            self.tty.write_all(b"\n")?;
            match line[..count].split_last() {
                None => Err(ErrorKind::UnexpectedEof.into()),
                Some((&CONTROL_C, _)) => Err(ErrorKind::Interrupted.into()),
                Some((b'\n', answer)) => text(answer),
                Some(_) => text(&line[..count]),
            }
        }
    }

    fn text(answer: &[u8]) -> io::Result<SecretString> {
        let answer = std::str::from_utf8(answer);
        let answer = answer.map_err(|_| io::Error::new(ErrorKind::InvalidData, "not UTF-8"))?;
        Ok(SecretString::from(answer))
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            // There is nothing else to try, and nobody to tell, if the terminal is gone.
            let _ = tcsetattr(&self.tty, OptionalActions::Drain, &self.before);
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::io;

    use secrecy::SecretString;

    /// The console.
    pub(in crate::ca) struct Terminal;

    impl Terminal {
        pub(in crate::ca) fn open() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in crate::ca) fn ask(&mut self, question: &str) -> io::Result<SecretString> {
            rpassword::prompt_password(question).map(SecretString::from)
        }
    }
}
